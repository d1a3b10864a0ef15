#include "server/public_log.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/format.h"
#include "platform/clock.h"
#include "platform/storage.h"
#include "records/publisher.h"
#include "records/witness.h"
#include "runtime/log.h"

namespace mw::server {
namespace {

constexpr std::string_view kLog = "/log/", kWitness = "/witness/";
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

  edge::HttpReply checkpoint() {
    if (const auto begun = publisher->begin(); !begun.ok()) return plain(503, begun.error().text());
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
  if (state_) state_->queue.reset();  // its thread uses the others
}

Result<std::unique_ptr<PublicLog>> PublicLog::open(const std::string& data, const trust::Keeper& keeper,
                                                   const std::vector<std::string>& witness_for) {
  auto state = std::make_unique<State>();
  state->origin = "manyworlds/" + keeper.host_id();
  auto log_signer = signer_of(keeper, state->origin, records::SignatureType::ed25519);
  MW_TRY(log_signer);
  auto witness_signer = signer_of(keeper, state->origin, records::SignatureType::cosignature);
  MW_TRY(witness_signer);
  state->log_key = format_verifier_key(log_signer->key);
  state->witness_key = format_verifier_key(witness_signer->key);
  std::vector<records::WitnessedLog> logs;
  logs.reserve(witness_for.size());
  for (const auto& text : witness_for) {
    auto key = records::parse_verifier_key(text);
    if (!key.ok()) return invalid("witness_for", key.error().text());
    if (key->type != records::SignatureType::ed25519)
      return invalid("witness_for", "expected the key of a log (/log/key)");
    logs.push_back({key->name, {*key}});
  }
  auto log_storage = platform::folder_storage(data + "/log");
  MW_TRY(log_storage);
  state->log_storage = *std::move(log_storage);
  auto witness_storage = platform::folder_storage(data + "/witness");
  MW_TRY(witness_storage);
  state->witness_storage = *std::move(witness_storage);
  auto log = records::Log::open(*state->log_storage);
  MW_TRY(log);
  auto publisher = records::Publisher::open(*state->log_storage, **log, *std::move(log_signer), {});
  MW_TRY(publisher);
  state->publisher = *std::move(publisher);
  auto witness = records::Witness::open(*state->witness_storage, *std::move(witness_signer), std::move(logs));
  MW_TRY(witness);
  state->witness = *std::move(witness);
  state->queue = std::make_unique<records::LogQueue>(*std::move(log));
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
  state_->queue->append(std::move(entry), std::move(done));
}

const std::string& PublicLog::origin() const { return state_->origin; }

}  // namespace mw::server
