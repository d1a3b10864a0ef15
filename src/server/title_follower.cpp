#include "server/title_follower.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/limits.h"
#include "records/checkpoint.h"
#include "runtime/log.h"
#include "trust/carried.h"
#include "trust/did.h"

namespace mw::server {
namespace {

constexpr std::size_t kLogs = 8, kThreads = 2, kWaiting = 64, kPerHost = 4;
constexpr std::chrono::seconds kLongest{60};  // for one question, so that a slow home holds a thread no longer

}  // namespace

Result<FollowedLog> FollowedLog::make(const std::string& home, const crypto::PublicKey& home_key,
                                      std::vector<trust::CountedWitness> witnesses) {
  const auto did = trust::did_web(home);
  MW_TRY(did);
  const auto place = trust::parse_web_did(*did);
  MW_TRY(place);
  const std::string origin = trust::log_origin(home_key);
  auto key = records::note_key(origin, records::SignatureType::ed25519, home_key);
  MW_TRY(key);
  auto verifier = trust::TitleVerifier::make({origin, {*key}, std::move(witnesses), 0});
  MW_TRY(verifier);
  return FollowedLog(place->origin() + "/log/", *std::move(verifier));
}

Status FollowedLog::follow(const GetDocument& get) {
  const auto note = get(base_ + "checkpoint", limits::kNoteBytes);
  MW_TRY(note);
  const auto checkpoint = records::parse_signed_checkpoint(*note);
  MW_TRY(checkpoint);
  if (checkpoint->checkpoint.size > kEntries)
    return Error{ErrorKind::too_large, "log",
                 format("the log has {} entries, at most {} are read here", checkpoint->checkpoint.size, kEntries)};
  const auto tile = [&](const records::TileName& name) -> Result<Bytes> {
    const auto text =
        get(base_ + records::tile_path(name), name.entries ? limits::kBundleBytes : name.width * sizeof(records::Hash));
    MW_TRY(text);
    return Bytes(text->begin(), text->end());
  };
  const auto followed = verifier_.follow(*note, tile);
  return followed.ok() ? ok() : Status(followed.error());
}

federation::Standings FollowedLog::answer(const federation::LogQuestion& question) const {
  federation::Standings standings;
  for (const auto& asset : question.assets) standings.emplace_back(asset, verifier_.standing(asset));
  if (question.owner)
    for (const auto& [asset, title] : verifier_.index().titles())
      if (title.head().owner == *question.owner) standings.emplace_back(asset, verifier_.standing(asset));
  return standings;
}

struct TitleFollower::State {
  struct Wanted {
    federation::LogQuestion question;
    std::function<void(Result<federation::Standings>)> answer;
  };
  struct Log {
    std::shared_ptr<FollowedLog> log;
    std::uint64_t used = 0;
    bool busy = false;
  };
  GetDocument get;
  std::vector<trust::CountedWitness> witnesses;
  Post post;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Wanted> queue;
  std::map<std::string, Log> logs;  // by home and key
  std::uint64_t uses = 0;
  std::atomic<bool> stop = false;  // set under the mutex
  std::vector<std::thread> threads;

  static std::string name_of(const federation::LogQuestion& question) {
    return question.host + " " + trust::log_origin(question.host_key);
  }
  // The first whose log nobody reads at this moment.
  std::deque<Wanted>::iterator next() {
    return std::ranges::find_if(queue, [&](const Wanted& wanted) {
      const auto at = logs.find(name_of(wanted.question));
      return at == logs.end() || !at->second.busy;
    });
  }
  Result<std::shared_ptr<FollowedLog>> open(const federation::LogQuestion& question, const std::string& name) {
    auto at = logs.find(name);
    if (at == logs.end()) {
      auto made = FollowedLog::make(question.host, question.host_key, witnesses);
      MW_TRY(made);
      if (logs.size() >= kLogs) {
        auto oldest = logs.end();
        for (auto one = logs.begin(); one != logs.end(); ++one)
          if (!one->second.busy && (oldest == logs.end() || one->second.used < oldest->second.used)) oldest = one;
        if (oldest != logs.end()) logs.erase(oldest);
      }
      at = logs.emplace(name, Log{std::make_shared<FollowedLog>(*std::move(made)), 0, false}).first;
    }
    at->second.used = ++uses;
    at->second.busy = true;
    return at->second.log;
  }

  Result<federation::Standings> read(FollowedLog& log, const federation::LogQuestion& question) const {
    const auto until = std::chrono::steady_clock::now() + kLongest;
    const auto bounded = [&](const std::string& url, std::size_t max_bytes) -> Result<std::string> {
      if (stop) return failure(ErrorKind::unavailable, "this host stops");
      if (std::chrono::steady_clock::now() > until)
        return failure(ErrorKind::unavailable, format("{} takes too long to show its log", question.host));
      return get(url, max_bytes);
    };
    if (const auto followed = log.follow(bounded); !followed.ok()) {
      if (log.evidence())
        runtime::log_error("titles", "the log of another host shows two histories",
                           {{"host", question.host}, {"evidence", records::format_evidence(*log.evidence())}});
      return followed.error();
    }
    return log.answer(question);
  }

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return stop || next() != queue.end(); });
      if (stop) return;
      const auto at = next();
      Wanted wanted = std::move(*at);
      queue.erase(at);
      const auto name = name_of(wanted.question);
      auto log = open(wanted.question, name);
      lock.unlock();
      auto result = log.ok() ? read(**log, wanted.question) : Result<federation::Standings>(log.error());
      lock.lock();
      if (log.ok()) logs.at(name).busy = false;
      changed.notify_all();
      if (stop) return;
      post([answer = std::move(wanted.answer), result = std::move(result)]() mutable { answer(std::move(result)); });
    }
  }
};

TitleFollower::TitleFollower(GetDocument get, std::vector<trust::CountedWitness> witnesses, Post post)
    : state_(std::make_unique<State>()) {
  state_->get = std::move(get);
  state_->witnesses = std::move(witnesses);
  state_->post = std::move(post);
  for (std::size_t i = 0; i < kThreads; ++i) state_->threads.emplace_back([s = state_.get()] { s->run(); });
}

TitleFollower::~TitleFollower() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->changed.notify_all();
  for (auto& thread : state_->threads) thread.join();
}

void TitleFollower::follow(federation::LogQuestion question,
                           std::function<void(Result<federation::Standings>)> answer) {
  auto& s = *state_;
  {
    const std::lock_guard lock(s.mutex);
    const auto of_home = static_cast<std::size_t>(
        std::ranges::count_if(s.queue, [&](const auto& wanted) { return wanted.question.host == question.host; }));
    if (s.queue.size() < kWaiting && of_home < kPerHost) {
      s.queue.push_back({std::move(question), std::move(answer)});
      s.changed.notify_one();
      return;
    }
  }
  s.post([answer = std::move(answer)] {
    answer(failure(ErrorKind::rate_limited, "too many logs are being read at once"));
  });
}

}  // namespace mw::server
