#include "server/public_log.h"

#include <algorithm>
#include <future>
#include <mutex>
#include <optional>
#include <utility>

#include "base/format.h"
#include "base/limits.h"
#include "platform/clock.h"
#include "platform/files.h"
#include "platform/storage.h"
#include "records/publisher.h"
#include "records/witness.h"
#include "runtime/log.h"
#include "trust/lease.h"
#include "trust/title_proof.h"

namespace mw::server {
namespace {

constexpr std::string_view kLog = "/log/", kWitness = "/witness/";
constexpr const char* kRestored = "restored";  // left by a restored backup (backup.cpp)
constexpr std::size_t kRestoredBytes = 1'024;
// The clock is held against the witnesses anew before the last time counts no more.
constexpr std::int64_t kTimeAgainMs = std::min(limits::kCheckpointFreshMs, limits::kClockCheckedMs * 2 / 5);
constexpr const char* kText = "text/plain; charset=utf-8";
constexpr const char* kImmutable = "public, max-age=31536000, immutable";

edge::HttpReply plain(int status, std::string body) { return {status, kText, std::move(body) + "\n", "no-store"}; }

Result<records::NoteSigner> signer_of(const trust::Keeper& keeper, const std::string& name,
                                      records::SignatureType type) {
  const auto point = crypto::public_key(keeper.public_key());
  MW_TRY(point);
  auto key = records::note_key(name, type, *point);
  MW_TRY(key);
  return records::NoteSigner{*std::move(key), [&keeper](ByteView message) {
                               crypto::Signature signature{};
                               const Bytes made = keeper.sign(message);
                               MW_ASSERT(made.size() == signature.size());
                               std::copy(made.begin(), made.end(), signature.begin());
                               return signature;
                             }};
}

}  // namespace

struct PublicLog::State {
  std::unique_ptr<platform::Storage> log_storage, witness_storage;
  std::string origin, log_key, witness_key;
  // Of the log's thread, which ends before they do.
  std::unique_ptr<records::Publisher> publisher;
  std::unique_ptr<records::Witness> witness;
  std::unique_ptr<records::LogQueue> queue;
  std::unique_ptr<WitnessClient> witnesses;
  std::string data, older;  // `older`: why this copy of the log must not grow
  std::int64_t cosigned_ms = 0;  // when the log's time was last shown to the witnesses
  std::uint64_t asked_round = 0, checked_round = 0;
  std::int64_t asked_ms = 0;  // when that round began

  mutable std::mutex mutex;  // over what other threads see
  PublicLogStatus shown;
  trust::CosignedClock clock;

  Status open(const PublicLogSetup& setup, records::NoteSigner log_signer, records::NoteSigner witness_signer);

  // On the log's thread, after whatever may have changed it.
  void show() {
    const std::lock_guard lock(mutex);
    const bool was_open = shown.open;
    shown.recorded = queue ? queue->log().durable_size() : shown.recorded;
    shown.published = publisher->published() ? publisher->published()->checkpoint.size : 0;
    shown.final_size = publisher->final_size();
    shown.reason = older.empty() ? publisher->reason() : older;
    shown.open = older.empty() && publisher->state() == records::Publisher::State::open;
    if (shown.open && !publisher->policy().witnesses.empty() && !shown.restored.empty()) {
      // A quorum knows no larger tree: this copy is the newest, and the warning is over.
      if (platform::remove_file(data + "/log/" + kRestored).ok()) shown.restored.clear();
    }
    if (shown.open != was_open)
      runtime::log_info("log", shown.open ? "the log is open" : "the log is read-only", {{"reason", shown.reason}});
  }

  Status begin(bool again, std::int64_t now_ms) {
    const auto begun = publisher->begin(again);
    note_round(now_ms);
    return begun;
  }

  // `now_ms`: a time before the round began.
  void note_round(std::int64_t now_ms) {
    if (publisher->round() == asked_round) return;
    asked_round = publisher->round();
    asked_ms = now_ms;
  }

  // Cosignatures that were made since the round began tell the time, whoever of the witnesses is slow.
  void check_clock(std::int64_t now_ms) {
    const auto round = publisher->published_round();
    if (round == 0 || round == checked_round || round != asked_round || publisher->policy().witnesses.empty()) return;
    checked_round = round;
    trust::TitlePolicy policy{origin, {}, {}, 0};
    if (const auto key = records::parse_verifier_key(log_key); key.ok()) policy.log_keys = {*key};
    for (const auto& one : publisher->policy().witnesses) policy.witnesses.push_back({one, one.name});
    const auto counted = trust::count_cosignatures(policy, *publisher->published());
    if (!counted.ok()) return;
    const std::lock_guard lock(mutex);
    if (const auto right = clock.answered(counted->time_s, asked_ms, now_ms); !right.ok())
      runtime::log_warning("log", "no thing can be leased or shown by this clock", {{"reason", right.error().text()}});
  }

  std::string request_for(std::size_t which) {
    const std::int64_t now = platform::wall_ms();
    const bool again = now - cosigned_ms >= kTimeAgainMs;
    if (again) cosigned_ms = now;
    if (const auto begun = begin(again, now); !begun.ok())
      runtime::log_error("log", "no checkpoint was made", {{"error", begun.error().text()}});
    auto request = publisher->request_for(which);
    show();
    return request ? *std::move(request) : std::string();
  }

  void answered(std::size_t which, int status, const std::string& body) {
    const auto before = publisher->state();
    if (const auto taken = publisher->answered(which, status, body); !taken.ok())
      runtime::log_error("log", "a checkpoint was not stored", {{"error", taken.error().text()}});
    if (publisher->state() != before && publisher->state() == records::Publisher::State::refused)
      runtime::log_error("log", "the log is read-only", {{"reason", publisher->reason()}});
    check_clock(platform::wall_ms());
    show();
  }

  // Work of the log's thread, waited for; what a busy log gives is the default.
  template <typename Value>
  Value on_log(std::function<Value()> work) {
    auto done = std::make_shared<std::promise<Value>>();
    auto result = done->get_future();
    if (!queue->run([done, work = std::move(work)](records::Log&) { done->set_value(work()); })) return {};
    return result.get();
  }

  void start_witnesses(std::vector<WitnessAddress> addresses, edge::FetchRules rules) {
    if (addresses.empty()) return;
    witnesses = std::make_unique<WitnessClient>(
        std::move(addresses), std::move(rules),
        WitnessClient::Log{[this](std::size_t i) { return on_log<std::string>([this, i] { return request_for(i); }); },
                           [this](std::size_t i, int status, std::string body) {
                             on_log<bool>([this, i, status, text = std::move(body)] {
                               answered(i, status, text);
                               return true;
                             });
                           }});
  }

  edge::HttpReply checkpoint() {
    // Nothing new is signed over a copy that is known to be older.
    if (older.empty())
      if (const auto begun = begin(false, platform::wall_ms()); !begun.ok()) return plain(503, begun.error().text());
    show();
    if (!publisher->published()) return plain(503, "no checkpoint is published yet: " + publisher->reason());
    return {200, kText, format_note(publisher->published()->note), "no-cache"};
  }

  static edge::HttpReply tile(const records::Log& log, const records::TileName& name) {
    const auto bytes = log.read(name);
    if (!bytes.ok()) return plain(bytes.error().kind == ErrorKind::not_found ? 404 : 503, bytes.error().text());
    return {200, "application/octet-stream", std::string(as_text(*bytes)), kImmutable};
  }

  edge::HttpReply add_checkpoint(const std::string& body) {
    const auto answer = witness->add_checkpoint(body, platform::wall_ms() / 1000);
    if (witness->contradiction() && answer.status != 200)
      runtime::log_warning("witness", "a log contradicts itself",
                           {{"status", answer.status}, {"checkpoint", *witness->contradiction()}});
    return {answer.status, answer.content_type, answer.body, "no-store"};
  }
};

PublicLog::PublicLog(std::unique_ptr<State> state) : state_(std::move(state)) {}

PublicLog::~PublicLog() {
  if (!state_) return;
  state_->witnesses.reset();  // they wait for the queue
  state_->queue.reset();  // its thread uses the others
}

namespace {

Result<std::vector<records::WitnessedLog>> witnessed_logs(const std::vector<std::string>& keys) {
  std::vector<records::WitnessedLog> logs;
  logs.reserve(keys.size());
  for (const auto& text : keys) {
    auto key = records::parse_verifier_key(text);
    if (!key.ok()) return invalid("witness_for", key.error().text());
    if (key->type != records::SignatureType::ed25519)
      return invalid("witness_for", "expected the key of a log (/log/key)");
    logs.push_back({key->name, {*key}});
  }
  return logs;
}

records::WitnessPolicy policy_of(const PublicLogSetup& setup) {
  records::WitnessPolicy policy;
  for (const auto& witness : setup.witnesses) policy.witnesses.push_back(witness.key);
  policy.quorum = setup.quorum == 0 ? usual_quorum(setup.witnesses.size()) : setup.quorum;
  return policy;
}

}  // namespace

Status PublicLog::State::open(const PublicLogSetup& setup, records::NoteSigner log_signer,
                              records::NoteSigner witness_signer) {
  data = setup.data;
  auto logs = witnessed_logs(setup.witness_for);
  MW_TRY(logs);
  auto of_log = platform::folder_storage(data + "/log");
  MW_TRY(of_log);
  log_storage = *std::move(of_log);
  auto of_witness = platform::folder_storage(data + "/witness");
  MW_TRY(of_witness);
  witness_storage = *std::move(of_witness);
  auto log = records::Log::open(*log_storage);
  MW_TRY(log);
  if ((*log)->size() < setup.known_size)
    older = format(
        "the log has {} entries, the database knows of {}: data/log is an older copy, or is gone. Put back a "
        "newer one; under this key the log must not go on from here",
        (*log)->size(), setup.known_size);
  auto made = records::Publisher::open(*log_storage, **log, std::move(log_signer), policy_of(setup));
  MW_TRY(made);
  publisher = *std::move(made);
  auto opened = records::Witness::open(*witness_storage, std::move(witness_signer), *std::move(logs));
  MW_TRY(opened);
  witness = *std::move(opened);
  if (auto mark = log_storage->load(kRestored, kRestoredBytes); mark.ok()) shown.restored = *std::move(mark);
  shown.origin = origin;
  shown.quorum = publisher->policy().quorum;
  queue = std::make_unique<records::LogQueue>(*std::move(log));
  if (!shown.restored.empty())
    runtime::log_warning(
        "log",
        setup.witnesses.empty()
            ? "this log was restored, and without witnesses nobody can tell whether others saw more of it"
            : "this log was restored; it waits for its witnesses",
        {{"restored", shown.restored}});
  show();
  if (!shown.open) runtime::log_warning("log", "the log is read-only", {{"reason", shown.reason}});
  return ok();
}

Result<std::unique_ptr<PublicLog>> PublicLog::open(PublicLogSetup setup, const trust::Keeper& keeper) {
  auto state = std::make_unique<State>();
  state->origin = "manyworlds/" + keeper.host_id();
  auto log_signer = signer_of(keeper, state->origin, records::SignatureType::ed25519);
  MW_TRY(log_signer);
  auto witness_signer = signer_of(keeper, state->origin, records::SignatureType::cosignature);
  MW_TRY(witness_signer);
  state->log_key = format_verifier_key(log_signer->key);
  state->witness_key = format_verifier_key(witness_signer->key);
  MW_TRY(state->open(setup, *std::move(log_signer), *std::move(witness_signer)));
  state->start_witnesses(std::move(setup.witnesses), std::move(setup.rules));
  return std::unique_ptr<PublicLog>(new PublicLog(std::move(state)));
}

void PublicLog::handle(const edge::PublicRequest& request, std::function<void(edge::HttpReply)> reply) {
  State* const state = state_.get();
  const std::string_view path = request.path;
  std::function<edge::HttpReply(records::Log&)> work;
  if (path == "/log/key" && !request.post) return reply(plain(200, state->log_key));
  if (path == "/witness/key" && !request.post) return reply(plain(200, state->witness_key));
  if (path == "/log/checkpoint" && !request.post) {
    work = [state](records::Log&) { return state->checkpoint(); };
  } else if (path.starts_with(kLog) && !request.post) {
    const auto name = records::parse_tile_path(path.substr(kLog.size()));
    if (!name.ok()) return reply(plain(404, "the log has no such address"));
    work = [name = *name](records::Log& log) { return State::tile(log, name); };
  } else if (path == "/witness/add-checkpoint" && request.post) {
    work = [state, body = request.body](records::Log&) { return state->add_checkpoint(body); };
  } else {
    return reply(plain(path.starts_with(kWitness) ? 405 : 404, "nothing is answered at this address by this method"));
  }
  // std::function copies what it holds, and the reply is called by whichever of the two gets to it.
  if (!state->queue->run([work, reply](records::Log& log) { reply(work(log)); })) reply(plain(503, "the log is busy"));
}

void PublicLog::append(Bytes entry, records::LogQueue::Done done) {
  std::string reason;
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->shown.open) reason = state_->shown.reason;
  }
  if (reason.empty()) return state_->queue->append(std::move(entry), std::move(done));
  const auto refuse = [done, reason](records::Log&) { done(failure(ErrorKind::unavailable, reason)); };
  if (!state_->queue->run(refuse)) done(failure(ErrorKind::unavailable, reason));
}

bool PublicLog::look(std::function<void(records::Log&, records::Publisher&)> work) {
  return state_->queue->run([state = state_.get(), work = std::move(work)](records::Log& log) {
    const auto now_ms = platform::wall_ms();
    work(log, *state->publisher);
    state->note_round(now_ms);
  });
}

Json to_json(const PublicLogStatus& status) {
  Json witnesses = Json::array();
  for (const auto& one : status.witnesses)
    witnesses.push_back({{"name", one.name},
                         {"url", one.url},
                         {"cosigned", one.cosigned},
                         {"failures", one.failures},
                         {"answered_ms", one.answered_ms},
                         {"problem", one.problem}});
  return {{"origin", status.origin},     {"recorded", status.recorded}, {"published", status.published},
          {"final", status.final_size},  {"open", status.open},         {"reason", status.reason},
          {"restored", status.restored}, {"quorum", status.quorum},     {"witnesses", std::move(witnesses)}};
}

PublicLogStatus PublicLog::status() const {
  PublicLogStatus status;
  {
    const std::lock_guard lock(state_->mutex);
    status = state_->shown;
  }
  status.recorded = state_->queue->log().durable_size();
  if (state_->witnesses) status.witnesses = state_->witnesses->status();
  return status;
}

Status PublicLog::clock(std::int64_t now_ms) const {
  const std::lock_guard lock(state_->mutex);
  return state_->clock.good(now_ms);
}

const std::string& PublicLog::origin() const { return state_->origin; }

}  // namespace mw::server
