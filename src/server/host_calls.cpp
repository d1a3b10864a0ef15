#include "server/host_calls.h"

#include <array>
#include <utility>

#include "base/assert.h"
#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "calls/errors.h"
#include "crypto/crypto.h"
#include "runtime/log.h"
#include "trust/did.h"

namespace mw::server {
namespace {

constexpr double kPerHost = 20, kPerHostBurst = 100;  // calls of one host
constexpr double kStrangers = 1, kStrangersBurst = 10;  // names that one address may make us look up
constexpr double kAllStrangers = 20, kAllStrangersBurst = 100;
constexpr std::size_t kKeys = 10'000;  // hosts and addresses that are remembered
constexpr std::int64_t kKnownMs = 60LL * 60 * 1000;  // a host that was heard is no stranger for so long
constexpr std::size_t kMessageBytes = 300, kMethodBytes = 64, kIdBytes = 64, kFieldBytes = 100;
constexpr std::size_t kNonceBytes = 16, kNonceLeast = 16, kNonceMost = 128;  // of ours, raw; of others, as text
constexpr const char* kJson = "application/json";

// Anybody can be refused as often as they like.
runtime::LogLimit refusals(1);

// What comes from outside, for people: whole characters of the first bytes.
std::string cut(std::string text, std::size_t most) {
  if (text.size() > most) text.resize(most);
  for (int i = 0; i < 3 && !valid_utf8(text); ++i) text.pop_back();
  return valid_utf8(text) ? text : std::string("a text that cannot be shown");
}

ErrorKind kind_of(std::int64_t code) {
  if (code == calls::kMethodNotFound) return ErrorKind::version;
  for (const auto kind : {ErrorKind::invalid, ErrorKind::not_found, ErrorKind::forbidden, ErrorKind::conflict,
                          ErrorKind::full, ErrorKind::too_large, ErrorKind::rate_limited, ErrorKind::version})
    if (calls::code_of(kind) == code) return kind;
  return ErrorKind::unavailable;
}

// The message of an error of ours names the field; what goes over the wire has both apart (calls/errors.h).
Error told_error(const Json& error) {
  const auto code = error.find("code");
  if (code == error.end() || !code->is_number_integer())
    return failure(ErrorKind::unavailable, "the other host answered with an error that has no code");
  Error told{kind_of(code->get<std::int64_t>()), "", "the other host refused, and did not say why"};
  const auto text = [](const Json& object, const char* member) -> std::string {
    const auto at = object.is_object() ? object.find(member) : object.end();
    return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  auto message = text(error, "message");
  if (const auto data = error.find("data"); data != error.end() && !text(*data, "field").empty()) {
    told.field = cut(text(*data, "field"), kFieldBytes);
    message = text(*data, "message");
  }
  if (!message.empty()) told.message = cut(std::move(message), kMessageBytes);
  return told;
}

std::string error_body(const Json& id, const Error& error) {
  return data::to_text(Json{{"jsonrpc", "2.0"}, {"id", id}, {"error", calls::error_object(error)}});
}

// The did:web of a host, of the name of one of its keys.
Result<trust::WebDid> host_of_key(std::string_view keyid) {
  const auto hash = keyid.find('#');
  auto place = trust::parse_web_did(keyid.substr(0, hash));
  if (hash == keyid.npos || !place.ok() || place->is_webvh() || !place->path.empty())
    return Error{ErrorKind::forbidden, "keyid", "expected a key of the did:web of a host"};
  return place;
}

}  // namespace

// --- Bytes -----------------------------------------------------------------------------------------------------------

Result<HostCallRequest> read_host_call(std::string_view body) {
  const auto json = data::parse_json(body);
  if (!json.ok()) return invalid("body", json.error().text());
  if (!json->is_object()) return invalid("body", "expected one request, not a batch");
  for (const auto& [name, value] : json->items())
    if (name != "jsonrpc" && name != "id" && name != "method" && name != "params")
      return invalid("body", format("a request has no member {}", cut(name, kFieldBytes)));
  const auto member = [&](const char* name) { return json->contains(name) ? json->at(name) : Json(); };
  if (member("jsonrpc") != "2.0") return invalid("jsonrpc", "expected \"2.0\"");
  HostCallRequest request;
  for (auto& [name, out, most] : {std::tuple{"id", &request.id, kIdBytes}, {"method", &request.method, kMethodBytes}}) {
    const Json value = member(name);
    if (!value.is_string() || value.get_ref<const std::string&>().empty() ||
        value.get_ref<const std::string&>().size() > most)
      return invalid(name, format("expected a text of 1 to {} bytes", most));
    *out = value.get<std::string>();
  }
  request.params = member("params");
  if (!request.params.is_object()) return invalid("params", "expected an object");
  return request;
}

Result<Json> read_host_answer(std::string_view body, std::string_view id) {
  const auto none = [](std::string_view why) { return failure(ErrorKind::unavailable, std::string(why)); };
  const auto json = data::parse_json(body);
  if (!json.ok() || !json->is_object() || json->value("jsonrpc", Json()) != "2.0")
    return none("the other host did not answer as hosts do");
  const auto error = json->find("error"), result = json->find("result");
  if ((error == json->end()) == (result == json->end())) return none("expected a result or an error in the answer");
  const auto told = json->value("id", Json());
  // What was refused before it was read is answered without its id.
  if (told != Json(id) && !(told.is_null() && error != json->end())) return none("the answer is to another call");
  if (error != json->end()) return told_error(*error);
  return *result;
}

// --- State -----------------------------------------------------------------------------------------------------------

struct HostCalls::State {
  Setup setup;
  federation::Travel& travel;
  std::map<std::string, Handler, std::less<>> handlers;
  HostCallStats stats;
  calls::Quota per_host{kPerHost, kPerHostBurst, kKeys};
  calls::Quota strangers{kStrangers, kStrangersBurst, kKeys};
  calls::Quota all_strangers{kAllStrangers, kAllStrangersBurst, 1};
  std::unordered_map<std::string, std::int64_t> known;  // hosts by authority, and when they were heard last
  trust::ReplayMemory spent;
  std::uint64_t last_id = 0;

  State(Setup given, federation::Travel& with) : setup(std::move(given)), travel(with) {}

  // A request under way.
  struct Incoming {
    edge::PublicRequest request;
    std::function<void(edge::HttpReply)> reply;
    trust::HttpMessage message;
    std::string did, from;  // who signed, as the signature says

    void refuse(State& s, const Error& error, const Json& id = nullptr) const {
      ++s.stats.refused;
      s.stats.last_refusal = cut(error.text(), kMessageBytes);
      refusals.log(runtime::LogLevel::warning, "hosts", "a call of another host was refused",
                   {{"reason", s.stats.last_refusal}, {"from", from}, {"address", request.address}});
      reply({calls::http_status_of(error.kind), kJson, error_body(id, error), "no-store"});
    }
  };

  trust::SignaturePolicy policy(std::int64_t now_ms) const {
    return {trust::request_components(true), std::string(kHostCallTag), now_ms / 1'000};
  }

  // Whether the request is one by itself, and who says to have signed it: that name is asked who it is, and no other.
  Status read(Incoming& incoming, std::int64_t now_ms) const;
  Status may_ask(const Incoming& incoming, std::int64_t now_ms);
  // With the document of the host that the signature names.
  Result<crypto::PublicKey> verify(const Incoming& incoming, const trust::DidDocument& document);
  void dispatch(const std::shared_ptr<State>& self, std::shared_ptr<Incoming> incoming, const crypto::PublicKey& key);
};

Status HostCalls::State::read(Incoming& incoming, std::int64_t now_ms) const {
  const auto& request = incoming.request;
  if (request.body.size() > kHostCallBytes)
    return Error{ErrorKind::too_large, "body", format("expected at most {} bytes", kHostCallBytes)};
  if (!request.content_type.starts_with(kJson)) return invalid("content-type", format("expected {}", kJson));
  if (request.content_digest.empty()) return invalid("content-digest", "the message has no such field");
  MW_TRY(trust::check_content_digest(request.content_digest, as_bytes(request.body)));
  // The name that this host goes by, whatever the request says: what was signed for another host is not for us.
  auto& message = incoming.message;
  message.method = "POST";
  message.authority = setup.authority;
  message.path = std::string(edge::kHostCallsPath);
  message.query = request.query.empty() ? "" : "?" + request.query;
  message.fields = {{"Content-Digest", request.content_digest}, {"Content-Type", request.content_type}};
  if (!request.signature_input.empty()) message.fields.emplace_back("Signature-Input", request.signature_input);
  if (!request.signature.empty()) message.fields.emplace_back("Signature", request.signature);
  std::string keyid;
  const auto looked = trust::verify_message(message, policy(now_ms),
                                            [&](std::string_view name, trust::Purpose) -> Result<crypto::PublicKey> {
                                              keyid = name;
                                              return failure(ErrorKind::unavailable, "not known yet");
                                            });
  if (keyid.empty()) return looked.error();
  const auto place = host_of_key(keyid);
  MW_TRY(place);
  incoming.did = place->text();
  incoming.from = place->authority();
  if (incoming.did == setup.did) return Error{ErrorKind::forbidden, "keyid", "this host does not call itself"};
  return ok();
}

Status HostCalls::State::may_ask(const Incoming& incoming, std::int64_t now_ms) {
  const auto at = known.find(incoming.from);
  if (at != known.end() && now_ms - at->second < kKnownMs) return ok();
  const double now_s = static_cast<double>(now_ms) / 1e3;
  if (strangers.take(incoming.request.address, 1, now_s) && all_strangers.take("", 1, now_s)) return ok();
  return failure(ErrorKind::rate_limited, "too many hosts that are not known here call at once; try again later");
}

Result<crypto::PublicKey> HostCalls::State::verify(const Incoming& incoming, const trust::DidDocument& document) {
  // The time of now, since the nonce is forgotten by it: a request that was kept waiting must not outlive its nonce.
  const std::int64_t now_ms = setup.now_ms();
  crypto::PublicKey signer;
  const auto signature =
      trust::verify_message(incoming.message, policy(now_ms),
                            [&](std::string_view name, trust::Purpose purpose) -> Result<crypto::PublicKey> {
                              auto key = document.key(name, purpose);
                              if (!key.ok()) return Error{ErrorKind::forbidden, "keyid", key.error().text()};
                              signer = *key;
                              return key;
                            });
  MW_TRY(signature);
  const auto& nonce = signature->nonce;
  if (nonce.size() < kNonceLeast || nonce.size() > kNonceMost)
    return invalid("nonce", format("expected {} to {} bytes", kNonceLeast, kNonceMost));
  if (!per_host.take(incoming.from, 1, static_cast<double>(now_ms) / 1e3))
    return failure(ErrorKind::rate_limited, format("too many calls of {}; try again later", incoming.from));
  const std::int64_t until_ms = *signature->created_s * 1'000 + limits::kSignatureMs + limits::kClockSkewMs + 1'000;
  if (const auto spend = spent.spend(incoming.did + " " + nonce, incoming.did, until_ms, now_ms); !spend.ok())
    return Error{spend.error().kind, "nonce",
                 spend.error().kind == ErrorKind::conflict ? "this call was made before" : spend.error().message};
  if (known.size() >= kKeys && !known.contains(incoming.from)) {
    std::erase_if(known, [&](const auto& one) { return now_ms - one.second >= kKnownMs; });
    if (known.size() >= kKeys) known.erase(known.begin());  // who is forgotten is a stranger again, and no worse
  }
  known[incoming.from] = now_ms;
  return signer;
}

void HostCalls::State::dispatch(const std::shared_ptr<State>& self, std::shared_ptr<Incoming> incoming,
                                const crypto::PublicKey& key) {
  auto call = read_host_call(incoming->request.body);
  if (!call.ok()) return incoming->refuse(*this, call.error());
  const auto handler = handlers.find(call->method);
  if (handler == handlers.end()) {
    const Json error{{"code", calls::kMethodNotFound}, {"message", format("hosts have no call {}", call->method)}};
    ++stats.refused;
    return incoming->reply(
        {404, kJson, data::to_text(Json{{"jsonrpc", "2.0"}, {"id", call->id}, {"error", error}}), "no-store"});
  }
  const auto answer = [weak = std::weak_ptr(self), incoming, id = call->id,
                       answered = std::make_shared<bool>(false)](Result<Json> result) {
    MW_ASSERT(!std::exchange(*answered, true));
    const auto s = weak.lock();
    if (!result.ok() && s) return incoming->refuse(*s, result.error(), id);
    if (!result.ok()) return incoming->reply({503, kJson, error_body(id, result.error()), "no-store"});
    if (s) ++s->stats.received;
    incoming->reply(
        {200, kJson, data::to_text(Json{{"jsonrpc", "2.0"}, {"id", id}, {"result", *std::move(result)}}), "no-store"});
  };
  handler->second(incoming->from, key, call->params, answer);
}

// --- Calls of others -------------------------------------------------------------------------------------------------

HostCalls::HostCalls(Setup setup, federation::Travel& travel)
    : state_(std::make_shared<State>(std::move(setup), travel)) {}
HostCalls::~HostCalls() = default;

const HostCallStats& HostCalls::stats() const { return state_->stats; }

void HostCalls::on(std::string method, Handler handler) {
  const bool fresh = state_->handlers.emplace(std::move(method), std::move(handler)).second;
  MW_ASSERT(fresh);
}

void HostCalls::receive(edge::PublicRequest request, std::function<void(edge::HttpReply)> reply) {
  auto& s = *state_;
  const std::int64_t now_ms = s.setup.now_ms();
  auto incoming = std::make_shared<State::Incoming>();
  incoming->request = std::move(request);
  incoming->reply = std::move(reply);
  if (const auto read = s.read(*incoming, now_ms); !read.ok()) return incoming->refuse(s, read.error());
  if (const auto may = s.may_ask(*incoming, now_ms); !may.ok()) return incoming->refuse(s, may.error());
  s.travel.admission(incoming->from, now_ms, [weak = std::weak_ptr(state_), incoming, now_ms](const Status& admitted) {
    const auto state = weak.lock();
    if (!state) return;
    if (!admitted.ok()) return incoming->refuse(*state, admitted.error());
    state->travel.document(incoming->did, now_ms, [weak, incoming](Result<trust::DidDocument> document) {
      const auto self = weak.lock();
      if (!self) return;
      if (!document.ok()) return incoming->refuse(*self, document.error());
      const auto key = self->verify(*incoming, *document);
      if (!key.ok()) return incoming->refuse(*self, key.error());
      self->dispatch(self, incoming, *key);
    });
  });
}

// --- Calls to others -------------------------------------------------------------------------------------------------

void HostCalls::send(const std::string& authority, const std::string& method, Json params, Done<Json> done) {
  auto& s = *state_;
  const auto did = trust::did_web(authority);
  if (!did.ok()) return done(invalid("host", did.error().message));
  if (*did == s.setup.did) return done(invalid("host", "this host does not call itself"));
  const auto place = trust::parse_web_did(*did);
  MW_ASSERT(place.ok());
  const auto id = format("{}", ++s.last_id);
  edge::FetchRequest request;
  request.method = "POST";
  request.url = place->origin() + std::string(edge::kHostCallsPath);
  request.body = data::to_text(Json{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}});
  if (request.body.size() > kHostCallBytes)
    return done(Error{ErrorKind::too_large, "params", format("expected at most {} bytes", kHostCallBytes)});
  trust::HttpMessage message;
  message.method = request.method;
  message.authority = place->authority();
  message.path = std::string(edge::kHostCallsPath);
  message.fields = {{"Content-Digest", trust::content_digest(as_bytes(request.body))}};
  trust::SignatureParameters parameters;
  const auto covered = trust::request_components(true);
  parameters.components.resize(covered.size());
  for (std::size_t i = 0; i < covered.size(); ++i) parameters.components[i].value = covered[i];
  parameters.created_s = s.setup.now_ms() / 1'000;
  parameters.keyid = s.setup.method;
  std::array<Byte, kNonceBytes> nonce{};
  s.setup.entropy(nonce);
  parameters.nonce = crypto::base64url(nonce);
  parameters.tag = kHostCallTag;
  if (const auto made = trust::sign_message(message, parameters, s.setup.sign); !made.ok()) return done(made.error());
  request.headers = std::move(message.fields);
  request.headers.emplace_back("Content-Type", kJson);
  request.headers.emplace_back("Accept", kJson);
  ++s.stats.sent;
  s.setup.ask(std::move(request), kHostCallBytes,
              [weak = std::weak_ptr(state_), id, done = std::move(done)](Result<edge::Fetched> answer) {
                const auto self = weak.lock();
                if (!self) return;
                auto result = answer.ok() ? read_host_answer(answer->body, id) : Result<Json>(answer.error());
                if (!result.ok()) ++self->stats.failed;
                done(std::move(result));
              });
}

}  // namespace mw::server
