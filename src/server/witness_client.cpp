#include "server/witness_client.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/format.h"
#include "base/limits.h"
#include "platform/clock.h"
#include "runtime/log.h"

namespace mw::server {
namespace {

constexpr int kFirstRetryMs = 1'000;

}  // namespace

Result<WitnessAddress> parse_witness(std::string_view text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos)
    return invalid("witnesses", "expected a key (/witness/key) and an address, with a space between them");
  auto key = records::parse_verifier_key(text.substr(0, space));
  if (!key.ok()) return invalid("witnesses", key.error().text());
  if (key->type != records::SignatureType::cosignature)
    return invalid("witnesses", format("{} is no key of a witness (/witness/key)", key->name));
  std::string url(text.substr(space + 1));
  while (url.ends_with('/')) url.pop_back();
  const auto parsed = edge::parse_url(url);
  if (!parsed.ok()) return invalid("witnesses", parsed.error().text());
  if (parsed->target == "/") url += "/witness";
  return WitnessAddress{*std::move(key), std::move(url)};
}

std::size_t usual_quorum(std::size_t witnesses) { return witnesses == 0 ? 0 : witnesses * 2 / 3 + 1; }

struct WitnessClient::State {
  std::vector<WitnessAddress> witnesses;
  edge::FetchRules rules;
  Log log;
  mutable std::mutex mutex;
  std::condition_variable changed;
  bool stop = false;
  std::vector<WitnessStatus> status;
  std::vector<std::thread> threads;

  // False when it is time to end.
  bool rest(int ms) {
    std::unique_lock lock(mutex);
    return !changed.wait_for(lock, std::chrono::milliseconds(ms), [this] { return stop; });
  }

  // False when it is to be left alone for a while.
  bool ask(std::size_t i, std::string body) {
    const auto answer = edge::fetch({"POST",
                                     witnesses[i].url + "/add-checkpoint",
                                     {{"Content-Type", "text/plain; charset=utf-8"}},
                                     std::move(body)},
                                    rules);
    std::string problem;
    // 409 says which size it knows, and is the usual first answer after a start: the log asks again by it, or is read-only.
    const bool told_size = answer.ok() && answer->status == 409;
    if (!answer.ok())
      problem = answer.error().text();
    else if (answer->status != 200 && !told_size)
      problem = format("answered {}: {}", answer->status, answer->body.substr(0, 200));
    log.answered(i, answer.ok() ? answer->status : 0, answer.ok() ? answer->body : "");
    const std::lock_guard lock(mutex);
    auto& one = status[i];
    if (!problem.empty() && one.problem.empty())
      runtime::log_warning("witness", "a witness of this log did not cosign",
                           {{"witness", one.name}, {"why", problem}});
    one.problem = std::move(problem);
    if (!one.problem.empty()) {
      ++one.failures;
      return false;
    }
    if (told_size) return true;
    ++one.cosigned;
    one.answered_ms = platform::wall_ms();
    return true;
  }

  void run(std::size_t i) {
    int retry_ms = kFirstRetryMs;
    do {
      auto body = log.request(i);
      if (body.empty() || ask(i, std::move(body))) {
        retry_ms = kFirstRetryMs;
        continue;
      }
      if (!rest(retry_ms)) return;
      retry_ms = std::min(retry_ms * 2, limits::kWitnessRetryMs);
    } while (rest(limits::kCheckpointMs));
  }
};

WitnessClient::WitnessClient(std::vector<WitnessAddress> witnesses, edge::FetchRules rules, Log log)
    : state_(std::make_unique<State>()) {
  state_->witnesses = std::move(witnesses);
  state_->rules = std::move(rules);
  state_->log = std::move(log);
  for (const auto& witness : state_->witnesses) state_->status.push_back({witness.key.name, witness.url, 0, 0, 0, ""});
  for (std::size_t i = 0; i < state_->witnesses.size(); ++i)
    state_->threads.emplace_back([s = state_.get(), i] { s->run(i); });
}

WitnessClient::~WitnessClient() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->changed.notify_all();
  for (auto& thread : state_->threads) thread.join();
}

std::vector<WitnessStatus> WitnessClient::status() const {
  const std::lock_guard lock(state_->mutex);
  return state_->status;
}

}  // namespace mw::server
