// The HTTP half of a connection: requests, calls, and the way into WebSocket.
#include <utility>

#include "base/format.h"
#include "edge/connection.h"
#include "edge/loop.h"
#include "edge/response.h"

namespace mw::edge {

namespace {

// JSON-RPC codes of refusals that the edge makes itself (schema/calls.md).
constexpr int kForbidden = -32001, kTooLarge = -32005, kRateLimited = -32006, kUnavailable = -32007, kParse = -32700;

// Lets a page of an allowed origin read the answer (Fetch standard, CORS). The origin was checked before.
std::string cross_origin_headers(std::string_view origin) {
  const auto canonical = canonical_origin(origin);
  return canonical ? mw::format("Access-Control-Allow-Origin: {}\r\nVary: Origin\r\n", *canonical) : std::string();
}

bool is_public(std::string_view path) {
  return path.starts_with("/log/") || path.starts_with("/witness/") ||
         (path.starts_with("/people/") && path.ends_with("/did.jsonl")) || path == "/.well-known/manyworlds.json" ||
         path == "/.well-known/manyworlds-introductions.json" || path == kHostCallsPath;
}

// The methods of such an address, for the header Allow.
const char* public_methods(std::string_view path) {
  if (path.starts_with("/witness/")) return "GET, HEAD, POST";
  return path == kHostCallsPath ? "POST" : "GET, HEAD";
}

// What a browser asks before it sends JSON from a page of another origin.
Answer preflight_answer(std::string_view origin) {
  Answer answer;
  answer.status = 204;
  answer.more = cross_origin_headers(origin) +
                "Access-Control-Allow-Methods: POST\r\nAccess-Control-Allow-Headers: Content-Type, Authorization\r\n"
                "Access-Control-Max-Age: 600\r\n";
  return answer;
}

}  // namespace

void Connection::pump_http(ByteView bytes) {
  Http& http = *http_;
  RequestParser::State state = http.parser.feed(bytes);
  http.pumping = true;  // answers that are sent at once must not come back here, or requests in a row would nest
  while (mode_ == Mode::http) {
    if (state == RequestParser::State::more) {
      if (http.parser.wants_continue()) enqueue(std::string("HTTP/1.1 100 Continue\r\n\r\n"));
      break;
    }
    if (state == RequestParser::State::refused) {
      const Refusal refusal = http.parser.refusal();
      if (refusal.status == 413 && http.parser.path() == "/rpc")
        respond(rpc_error(413, kTooLarge, refusal.message), Request(), true);
      else
        refuse(refusal.status, refusal.message);
      break;
    }
    progress_ms_ = loop_.now_ms();
    handle(http.parser.take_request());
    if (mode_ != Mode::http) break;
    state = http.parser.resume();
  }
  if (http_) http_->pumping = false;
}

void Connection::handle(Request request) {
  Shared& shared = loop_.shared();
  ++loop_.counts().requests;
  http_->served = true;
  http_->peer = shared.policy.peer_of(stream_.peer(), stream_.secure(), request);
  if (request.path == "/connect") return upgrade(request);
  if (request.path == "/rpc") return handle_call(request);
  if (shared.config.on_public && is_public(request.path)) return handle_public(request);
  respond(answer_request(request, http_->peer, shared), request, !request.keep_alive);
}

void Connection::handle_call(const Request& request) {
  Shared& shared = loop_.shared();
  const bool close_after = !request.keep_alive;
  if (!shared.policy.origin_allowed(request.origin, request.host))
    return respond(rpc_error(403, kForbidden, "pages of this origin may not call this host"), request, close_after);
  if (request.method_name == "OPTIONS" && !request.origin.empty())
    return respond(preflight_answer(request.origin), request, close_after);
  if (request.method != Request::Method::post) {
    Answer answer = plain_answer(405, "calls are sent by POST");
    answer.more = "Allow: POST, OPTIONS\r\n";
    answer.body_omitted = request.method == Request::Method::head;
    return respond(answer, request, close_after);
  }
  // A page of another origin cannot send this type without asking first, so no form can make a call.
  if (request.content_type.substr(0, 16) != "application/json")
    return respond(rpc_error(415, kParse, "expected Content-Type: application/json"), request, close_after);
  if (shared.draining.load(std::memory_order_relaxed))
    return respond(rpc_error(503, kUnavailable, "the host is about to stop"), request, true);
  if (!loop_.may_call(http_->peer.address, loop_.now_ms())) {
    Answer answer = rpc_error(429, kRateLimited, "too many calls from this address");
    answer.more = "Retry-After: 1\r\n";
    return respond(answer, request, close_after);
  }
  ++loop_.counts().calls;
  mode_ = Mode::awaiting;
  stream_.pause();
  Http& http = *http_;
  http.request = request;
  shared.control.http_call(Peer{http.peer.address, request.origin, http.peer.secure}, request.bearer,
                           std::move(http.request.body), loop_.replier(id_, ++calls_));
}

// What other hosts and auditors ask for: public, the same for everybody, and without a capability.
void Connection::handle_public(const Request& request) {
  Shared& shared = loop_.shared();
  const bool close_after = !request.keep_alive;
  const bool post = request.method == Request::Method::post;
  const std::string_view methods = public_methods(request.path);
  if (request.method == Request::Method::other || (post ? !methods.ends_with("POST") : methods == "POST")) {
    Answer answer = plain_answer(405, methods == "POST" ? "hosts call by POST" : "this is read by GET");
    answer.more = mw::format("Allow: {}\r\n", methods);
    answer.body_omitted = request.method == Request::Method::head;
    return respond(answer, request, close_after);
  }
  if (shared.draining.load(std::memory_order_relaxed))
    return respond(plain_answer(503, "the host is about to stop"), request, true);
  if (!loop_.may_call(http_->peer.address, loop_.now_ms())) {
    Answer answer = plain_answer(429, "too many requests from this address");
    answer.more = "Retry-After: 1\r\n";
    return respond(answer, request, close_after);
  }
  mode_ = Mode::awaiting;
  stream_.pause();
  Http& http = *http_;
  http.request = request;
  PublicRequest asked{post, request.path, std::move(http.request.body), request.query, http.peer.address, {}, {}, {},
                      {}};
  asked.content_type = request.content_type;
  asked.content_digest = request.content_digest;
  asked.signature_input = request.signature_input;
  asked.signature = request.signature;
  shared.config.on_public(std::move(asked), loop_.replier(id_, ++calls_));
}

void Connection::http_reply(std::uint32_t call, HttpReply reply) {
  if (mode_ != Mode::awaiting || call != calls_) return;
  Answer answer;
  answer.status = reply.status;
  answer.content_type = std::move(reply.content_type);
  answer.body = std::move(reply.body);
  answer.cache_control = std::move(reply.cache_control);
  answer.body_omitted = http_->request.method == Request::Method::head;
  if (answer.status == 204) answer.body.clear();
  answer.more = cross_origin_headers(http_->request.origin);
  respond(answer, http_->request, !http_->request.keep_alive);
}

const char* Connection::upgrade_problem(const Request& request, int& status) const {
  const Shared& shared = loop_.shared();
  status = 400;
  if (request.method != Request::Method::get) return status = 405, "sessions are opened by GET";
  if (!request.upgrade || request.websocket_version != "13")
    return status = 426, "sessions are WebSocket connections, version 13";
  if (websocket_accept(request.websocket_key).empty()) return "Sec-WebSocket-Key must be 16 bytes in base64";
  if (!shared.policy.origin_allowed(request.origin, request.host))
    return status = 403, "pages of this origin may not connect to this host";
  if (!choose_subprotocol(request.websocket_protocols).acceptable) return "no subprotocol of Manyworlds was offered";
  if (shared.draining.load(std::memory_order_relaxed)) return status = 503, "the host is about to stop";
  if (shared.sessions.load(std::memory_order_relaxed) >= limits::kSessionsPerHost)
    return status = 503, "the host is full";
  return nullptr;
}

void Connection::upgrade(const Request& request) {
  int status = 0;
  const char* problem = upgrade_problem(request, status);
  Shared& shared = loop_.shared();
  const std::string& address = http_->peer.address;
  // Visitors behind a proxy are known only now; everybody else was counted when the socket was accepted.
  if (problem == nullptr && shared.policy.trusted_proxy(stream_.peer().address) && address != stream_.peer().address) {
    if (shared.addresses.enter(address))
      proxied_address_ = address;
    else
      status = 429, problem = "too many connections from this address";
  }
  if (problem == nullptr) return enter_websocket(request, choose_subprotocol(request.websocket_protocols));
  Answer answer = plain_answer(status, problem);
  if (status == 426) answer.more = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  if (status == 405) answer.more = "Allow: GET\r\n";
  if (status == 503 || status == 429) answer.more = "Retry-After: 5\r\n";
  respond(answer, request, !request.keep_alive || status == 503);
}

void Connection::enter_websocket(const Request& request, const Subprotocol& protocol) {
  Shared& shared = loop_.shared();
  ResponseHead head(101);
  head.add("Upgrade", "websocket")
      .add("Connection", "Upgrade")
      .add("Sec-WebSocket-Accept", websocket_accept(request.websocket_key));
  if (!protocol.chosen.empty()) head.add("Sec-WebSocket-Protocol", protocol.chosen);
  Peer peer{http_->peer.address, request.origin, http_->peer.secure};
  Bytes rest = http_->parser.take_rest();
  http_.reset();
  mode_ = Mode::websocket;
  heard_ms_ = progress_ms_ = loop_.now_ms();
  shared.sessions.fetch_add(1, std::memory_order_relaxed);
  shared.control.session_opened(id_, std::move(peer));
  enqueue(head.end());
  if (!protocol.spoken)
    close(tracks::CloseCode::protocol_version, mw::format("this host speaks manyworlds.{}", kProtocolVersion));
  if (!rest.empty()) read_messages(rest);
}

void Connection::respond(const Answer& answer, const Request& request, bool close_after) {
  Shared& shared = loop_.shared();
  if (answer.status >= 400) ++loop_.counts().request_errors;
  http_->close_after = http_->close_after || close_after || shared.draining.load(std::memory_order_relaxed);
  mode_ = Mode::responding;
  stream_.pause();
  progress_ms_ = loop_.now_ms();
  const bool body = !answer.body_omitted && !answer.content().empty();
  std::string head = head_of(answer, request, shared.policy, http_->close_after);
  if (body && !answer.blob) {
    enqueue(std::move(head) + answer.body);
  } else {
    enqueue(std::move(head), body);
    if (body) enqueue(BlobPart{answer.blob, answer.gzip});
  }
  if (!blocked_) response_sent();
}

void Connection::refuse(int status, std::string_view message) {
  respond(plain_answer(status, message), Request(), true);
}

void Connection::response_sent() {
  if (http_->close_after) return finish();
  mode_ = Mode::http;
  progress_ms_ = heard_ms_ = loop_.now_ms();
  stream_.resume();
  if (!http_->pumping) pump_http({});
}

void Connection::sweep_http(std::int64_t now_ms) {
  const std::int64_t waited = now_ms - progress_ms_;
  if (mode_ == Mode::awaiting) {
    const bool call = http_->request.path == "/rpc";
    constexpr std::string_view kLate = "the answer took too long";
    if (waited > limits::kHttpIdleMs)
      respond(call ? rpc_error(503, kUnavailable, kLate) : plain_answer(503, kLate), http_->request, true);
    return;
  }
  if (mode_ == Mode::responding) {
    if (waited > limits::kHttpIdleMs) end();
    return;
  }
  if (!stream_.ready()) {
    if (waited > limits::kHandshakeMs) end();
    return;
  }
  const bool idle = http_->served && !http_->parser.in_progress();
  const int most = idle || http_->parser.has_header() ? limits::kHttpIdleMs : limits::kHandshakeMs;
  if (waited <= most) return;
  if (idle) return end();
  refuse(408, "the request did not arrive in time");
}

}  // namespace mw::edge
