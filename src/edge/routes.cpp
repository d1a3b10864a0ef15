#include "edge/routes.h"

#include "base/format.h"
#include "edge/response.h"

namespace mw::edge {
namespace {

constexpr std::string_view kImmutable = "public, max-age=31536000, immutable";

bool starts_with(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

// "v=<etag>" among the query's parts.
bool names_version(std::string_view query, std::string_view etag) {
  while (!query.empty()) {
    const auto next = query.find('&');
    const std::string_view part = query.substr(0, next);
    query = next == std::string_view::npos ? std::string_view() : query.substr(next + 1);
    if (starts_with(part, "v=") && !etag.empty() && part.substr(2) == etag) return true;
  }
  return false;
}

Answer healthz(const Shared& shared) {
  const bool draining = shared.draining.load(std::memory_order_relaxed);
  Answer answer;
  answer.status = draining ? 503 : 200;
  answer.content_type = "application/json";
  answer.body = mw::format(R"({{"status":"{}","sessions":{})", draining ? "draining" : "ok",
                           shared.sessions.load(std::memory_order_relaxed));
  if (shared.config.health) {
    const std::string detail = shared.config.health();
    if (!detail.empty()) answer.body += mw::format(R"(,"host":{})", detail);
  }
  answer.body += "}\n";
  return answer;
}

Answer metrics(const Request& request, const Policy::Origin& peer, const Shared& shared) {
  const bool operates =
      !request.bearer.empty() && shared.config.is_operator && shared.config.is_operator(request.bearer);
  if (!shared.config.metrics_open && !peer.loopback && !operates) {
    Answer answer = plain_answer(401, "metrics are for operators: send an operator's token as Authorization: Bearer");
    answer.more = "WWW-Authenticate: Bearer realm=\"manyworlds\"\r\n";
    return answer;
  }
  Answer answer;
  answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
  answer.body = shared.metrics.text();
  return answer;
}

Answer quality(const Shared& shared) {
  const auto text = shared.config.quality ? shared.config.quality() : nullptr;
  if (!text) return plain_answer(503, "nothing is measured yet");
  Answer answer;
  answer.content_type = "application/json";
  answer.body = *text;
  answer.embeddable = true;  // public figures, for pages of others too
  return answer;
}

Answer content(const Request& request, const Shared& shared) {
  const bool page = request.path == "/" || starts_with(request.path, "/w/");
  const bool other =
      request.path == "/sla" || request.path == "/visit" || request.path == "/give" || request.path == "/friends";
  const std::string file = page ? "/index.html" : other ? request.path + ".html" : request.path;
  auto blob = shared.content.find(file, request.query);
  if (!blob && (page || other)) return plain_answer(404, "this host was built without its browser client");
  if (!blob) return plain_answer(404, "nothing is served at this address");
  Answer answer;
  answer.content_type = blob->content_type;
  answer.embeddable = blob->embeddable;
  answer.gzip = request.accepts_gzip && !blob->gzip.empty();
  answer.etag = mw::format("\"{}{}\"", blob->etag, answer.gzip ? "-gz" : "");
  const bool immutable = blob->cache == CachePolicy::immutable || names_version(request.query, blob->etag);
  answer.cache_control = immutable ? kImmutable : "no-cache";
  if (!blob->gzip.empty()) answer.more = "Vary: Accept-Encoding\r\n";
  answer.blob = std::move(blob);
  if (!request.if_none_match.empty() && etag_matches(request.if_none_match, answer.etag)) {
    answer.status = 304;
    answer.body_omitted = true;
  }
  return answer;
}

}  // namespace

Answer plain_answer(int status, std::string_view message) {
  Answer answer;
  answer.status = status;
  answer.body = mw::format("{} {}: {}\n", status, reason_phrase(status), message);
  return answer;
}

Answer rpc_error(int status, int code, std::string_view message) {
  Answer answer;
  answer.status = status;
  answer.content_type = "application/json";
  answer.body = mw::format(R"({{"jsonrpc":"2.0","error":{{"code":{},"message":"{}"}},"id":null}})", code, message);
  return answer;
}

Answer answer_request(const Request& request, const Policy::Origin& peer, const Shared& shared) {
  Answer answer;
  if (request.method != Request::Method::get && request.method != Request::Method::head) {
    answer = plain_answer(405, "only GET and HEAD are answered here");
    answer.more = "Allow: GET, HEAD\r\n";
  } else if (request.path == "/healthz") {
    answer = healthz(shared);
  } else if (request.path == "/metrics") {
    answer = metrics(request, peer, shared);
  } else if (request.path == "/sla.json") {
    answer = quality(shared);
  } else {
    answer = content(request, shared);
  }
  if (request.method == Request::Method::head) answer.body_omitted = true;
  return answer;
}

std::string head_of(const Answer& answer, const Request& request, const Policy& policy, bool close) {
  ResponseHead head(answer.status);
  if (answer.status != 304 && answer.status != 204) {
    head.add("Content-Type", answer.content_type);
    head.add("Content-Length", mw::format("{}", answer.content().size()));
    if (answer.gzip) head.add("Content-Encoding", "gzip");
  }
  head.add("Cache-Control", answer.cache_control);
  if (!answer.etag.empty()) head.add("ETag", answer.etag);
  head.add("Connection", close ? "close" : "keep-alive");
  head.add_security(policy.content_security_policy(request.host), answer.embeddable);
  std::string text = head.end();
  text.insert(text.size() - 2, answer.more);
  return text;
}

}  // namespace mw::edge
