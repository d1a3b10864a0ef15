#include "edge/request.h"

#include <algorithm>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "edge/chunked.h"

namespace mw::edge {

namespace http = boost::beast::http;
using BeastParser = http::request_parser<http::string_body>;

namespace {

constexpr std::size_t kTargetBytes = 2048;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low < 0) return invalid("path", "a percent sign must be followed by two hexadecimal digits");
    const char decoded = static_cast<char>(high * 16 + low);
    if (decoded == '/') return invalid("path", "a slash must not be percent-encoded");
    out.push_back(decoded);
    i += 2;
  }
  return out;
}

Status check_segments(std::string_view path) {
  std::string_view rest = path.substr(1);
  while (true) {
    const auto slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    if (segment == "." || segment == "..") return invalid("path", "a segment must not be \".\" or \"..\"");
    if (slash == std::string_view::npos) return ok();
    if (segment.empty()) return invalid("path", "a segment must not be empty");
    rest = rest.substr(slash + 1);
  }
}

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string bearer_of(std::string_view value) {
  constexpr std::string_view kScheme = "bearer ";
  if (value.size() <= kScheme.size()) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i)
    if ((value[i] | 0x20) != kScheme[i] && value[i] != kScheme[i]) return {};
  return std::string(value.substr(kScheme.size()));
}

// Accept-Encoding: gzip is there and not with q=0.
bool accepts_gzip(std::string_view value) {
  while (!value.empty()) {
    const auto comma = value.find(',');
    std::string item(value.substr(0, comma));
    value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
    std::erase_if(item, [](char c) { return c == ' ' || c == '\t'; });
    std::transform(item.begin(), item.end(), item.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (item == "gzip" || item == "*") return true;
    if (item.rfind("gzip;q=", 0) == 0) return item.find_first_of("123456789", 7) != std::string::npos;
  }
  return false;
}

Refusal refusal_of(const boost::beast::error_code& error) {
  if (error == http::error::header_limit)
    return {431, mw::format("the header is over {} bytes", limits::kHttpHeaderBytes)};
  if (error == http::error::body_limit) return {413, mw::format("the body is over {} bytes", limits::kCallBytes)};
  if (error == http::error::bad_version) return {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  return {400, mw::format("not a valid HTTP request: {}", error.message())};
}

}  // namespace

Result<Target> parse_target(std::string_view target) {
  if (target.size() > kTargetBytes)
    return Error{ErrorKind::too_large, "path", mw::format("over {} bytes", kTargetBytes)};
  if (target.empty() || target[0] != '/') return invalid("path", "must start with a slash");
  Target out;
  const auto question = target.find('?');
  if (question != std::string_view::npos) out.query = target.substr(question + 1);
  auto path = percent_decode(target.substr(0, question));
  if (!path) return std::move(path).error();
  for (const char c : *path) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return invalid("path", "must not hold a control character");
    if (c == '\\') return invalid("path", "must not hold a backslash");
  }
  if (!valid_utf8(*path)) return invalid("path", "is not UTF-8");
  MW_TRY(check_segments(*path));
  out.path = std::move(*path);
  return out;
}

struct RequestParser::State_ {
  std::optional<BeastParser> beast;
  Bytes pending;  // came and not parsed yet
  Refusal refusal;
  Request request;
  bool header_seen = false, continue_wanted = false, ready = false;

  State_() { restart(); }
  void restart() {
    beast.emplace();
    beast->eager(true);
    beast->header_limit(limits::kHttpHeaderBytes);
    beast->body_limit(limits::kCallBytes);
    request = Request();
    header_seen = continue_wanted = ready = false;
  }
  bool read_header();
  void read_fields();
};

// False: refused.
bool RequestParser::State_::read_header() {
  header_seen = true;
  const auto& message = beast->get();
  auto target = parse_target(view(message.target()));
  if (!target) {
    refusal = {target.error().kind == ErrorKind::too_large ? 414 : 400, target.error().text()};
    return false;
  }
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  request.method_name = std::string(view(message.method_string()));
  request.method = Request::Method::other;
  if (message.method() == http::verb::get) request.method = Request::Method::get;
  if (message.method() == http::verb::head) request.method = Request::Method::head;
  if (message.method() == http::verb::post) request.method = Request::Method::post;
  if (message.version() >= 11 && message.count(http::field::host) != 1) {
    refusal = {400, "expected exactly one Host"};
    return false;
  }
  read_fields();
  return true;
}

void RequestParser::State_::read_fields() {
  const auto& message = beast->get();
  const auto field = [&](http::field name) { return std::string(view(message[name])); };
  request.keep_alive = message.keep_alive();
  request.host = field(http::field::host);
  request.origin = field(http::field::origin);
  request.bearer = bearer_of(view(message[http::field::authorization]));
  request.if_none_match = field(http::field::if_none_match);
  request.content_type = field(http::field::content_type);
  // A proxy may add a line of its own behind a forged one; the lists are one list (RFC 9110, 5.3), the last entry is its own.
  for (auto [it, end] = message.equal_range("X-Forwarded-For"); it != end; ++it)
    request.forwarded_for += (request.forwarded_for.empty() ? "" : ",") + std::string(view(it->value()));
  request.forwarded_proto = std::string(view(message["X-Forwarded-Proto"]));
  const auto joined = [&](const char* name) {
    std::string all;
    for (auto [it, end] = message.equal_range(name); it != end; ++it)
      all += (all.empty() ? "" : ", ") + std::string(view(it->value()));
    return all;
  };
  request.content_digest = joined("Content-Digest");
  request.signature_input = joined("Signature-Input");
  request.signature = joined("Signature");
  request.accepts_gzip = accepts_gzip(view(message[http::field::accept_encoding]));
  request.upgrade = http::token_list(message[http::field::connection]).exists("upgrade") &&
                    http::token_list(message[http::field::upgrade]).exists("websocket");
  request.websocket_key = field(http::field::sec_websocket_key);
  request.websocket_version = field(http::field::sec_websocket_version);
  for (auto [it, end] = message.equal_range(http::field::sec_websocket_protocol); it != end; ++it)
    request.websocket_protocols += (request.websocket_protocols.empty() ? "" : ",") + std::string(view(it->value()));
  continue_wanted = message.version() >= 11 && http::token_list(message[http::field::expect]).exists("100-continue");
}

RequestParser::RequestParser() : state_(std::make_unique<State_>()) {}
RequestParser::~RequestParser() = default;
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;

RequestParser::State RequestParser::feed(ByteView bytes) {
  State_& state = *state_;
  state.pending.insert(state.pending.end(), bytes.begin(), bytes.end());
  if (!state.refusal.message.empty()) return State::refused;
  std::size_t used = 0;
  while (!state.ready && used < state.pending.size()) {
    if (waits_for_chunk(*state.beast, state.pending.size() - used)) break;
    boost::beast::error_code error;
    const std::size_t taken =
        state.beast->put(boost::asio::const_buffer(state.pending.data() + used, state.pending.size() - used), error);
    used += taken;
    if (error == http::error::need_more) error = {};
    if (!error && !state.header_seen && state.beast->is_header_done() && !state.read_header()) return State::refused;
    if (error) {
      if (!state.header_seen) {  // a body over the limit is refused before the header counts as done
        if (auto target = parse_target(view(state.beast->get().target()))) state.request.path = std::move(target->path);
      }
      state.refusal = refusal_of(error);
      return State::refused;
    }
    state.ready = state.beast->is_done();
    if (taken == 0) break;
  }
  state.pending.erase(state.pending.begin(), state.pending.begin() + static_cast<std::ptrdiff_t>(used));
  if (state.pending.empty()) state.pending = Bytes();
  if (!state.ready) return State::more;
  state.request.body = std::move(state.beast->get().body());
  return State::ready;
}

void RequestParser::hold(ByteView bytes) { state_->pending.insert(state_->pending.end(), bytes.begin(), bytes.end()); }

Request RequestParser::take_request() {
  Request request = std::move(state_->request);
  state_->restart();
  return request;
}

const Refusal& RequestParser::refusal() const { return state_->refusal; }
bool RequestParser::in_progress() const { return !state_->pending.empty() || state_->beast->got_some(); }
bool RequestParser::has_header() const { return state_->header_seen; }
std::string_view RequestParser::path() const { return state_->request.path; }
bool RequestParser::wants_continue() { return std::exchange(state_->continue_wanted, false); }
Bytes RequestParser::take_rest() { return std::exchange(state_->pending, Bytes()); }

}  // namespace mw::edge
