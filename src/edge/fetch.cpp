#include "edge/fetch.h"

#include <algorithm>
#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>
#include <optional>

#include "base/format.h"
#include "base/limits.h"
#include "edge/chunked.h"
#include "platform/clock.h"
#include "platform/dial.h"
#include "platform/tcp.h"

namespace mw::edge {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t kUrlBytes = 2'048, kNameBytes = 253;

Error bad_url(std::string why) { return invalid("url", std::move(why)); }

bool name_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; }

// RFC 9110: a token, and a value without line ends.
bool good_header(std::string_view name, std::string_view value) {
  constexpr std::string_view kMore = "!#$%&'*+-.^_`|~";
  const auto token = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMore.find(c) != std::string_view::npos;
  };
  const auto visible = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; };
  return !name.empty() && std::all_of(name.begin(), name.end(), token) &&
         std::all_of(value.begin(), value.end(), visible);
}

Status parse_authority(std::string_view text, Url& url) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return bad_url("the address does not end");
    url.host = text.substr(1, end - 1);
    const auto address = platform::canonical_address(url.host);
    if (!address.ok()) return bad_url("expected an IPv6 address in brackets");
    url.host = *address;
    port = text.substr(end + 1);
  } else {
    const auto colon = text.find(':');
    url.host = text.substr(0, colon);
    std::transform(url.host.begin(), url.host.end(), url.host.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (url.host.empty() || url.host.size() > kNameBytes ||
        !std::all_of(url.host.begin(), url.host.end(), name_character))
      return bad_url("expected a host's name");
    if (url.host.front() == '.' || url.host.find("..") != std::string::npos) return bad_url("expected a host's name");
    port = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
  }
  if (port.empty()) return ok();
  const auto digits = port.substr(1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
  if (port[0] != ':' || error != std::errc() || end != digits.data() + digits.size() || url.port == 0)
    return bad_url("expected a port from 1 to 65535");
  return ok();
}

std::string text_of(const FetchRequest& request, const Url& url) {
  std::string text =
      mw::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", request.method, url.target, url.authority());
  for (const auto& [name, value] : request.headers) text += mw::format("{}: {}\r\n", name, value);
  if (request.method == "POST") text += mw::format("Content-Length: {}\r\n", request.body.size());
  return text + "\r\n" + request.body;
}

}  // namespace

std::string Url::authority() const {
  const std::string name = host.find(':') != std::string::npos ? "[" + host + "]" : host;
  return port == (tls ? 443 : 80) ? name : mw::format("{}:{}", name, port);
}

Result<Url> parse_url(std::string_view text) {
  Url url;
  if (text.size() > kUrlBytes) return bad_url(mw::format("over {} bytes", kUrlBytes));
  if (std::any_of(text.begin(), text.end(), [](char c) { return c <= 0x20 || c >= 0x7f; }))
    return bad_url("expected ASCII without spaces");
  if (text.starts_with("https://")) {
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
    url.tls = false;
    url.port = 80;
  } else {
    return bad_url("expected https://");
  }
  if (text.find('#') != std::string_view::npos) return bad_url("expected no fragment");
  const auto slash = text.find_first_of("/?");
  const auto authority = text.substr(0, slash);
  if (authority.find('@') != std::string_view::npos) return bad_url("expected no user");
  MW_TRY(parse_authority(authority, url));
  if (slash != std::string_view::npos) url.target = (text[slash] == '?' ? "/" : "") + std::string(text.substr(slash));
  return url;
}

struct ResponseReader::State {
  http::response_parser<http::string_body> parser;
  Bytes pending;  // came and not parsed yet: Beast wants lines in one piece
};

ResponseReader::ResponseReader(std::size_t max_bytes) : state_(std::make_unique<State>()) {
  state_->parser.header_limit(static_cast<std::uint32_t>(limits::kHttpHeaderBytes));
  state_->parser.body_limit(max_bytes);
  state_->parser.eager(true);
}
ResponseReader::~ResponseReader() = default;

namespace {

Error bad_answer(const boost::beast::error_code& error) {
  const bool large = error == http::error::body_limit || error == http::error::header_limit;
  return Error{large ? ErrorKind::too_large : ErrorKind::invalid, "answer", error.message()};
}

}  // namespace

Result<bool> ResponseReader::feed(ByteView bytes) {
  auto& [parser, pending] = *state_;
  pending.insert(pending.end(), bytes.begin(), bytes.end());
  std::size_t used = 0;
  while (used < pending.size() && !parser.is_done()) {
    if (waits_for_chunk(parser, pending.size() - used)) break;
    boost::beast::error_code error;
    const std::size_t taken =
        parser.put(boost::asio::const_buffer(pending.data() + used, pending.size() - used), error);
    used += taken;
    if (error == http::error::need_more) break;
    if (error) return bad_answer(error);
    if (taken == 0) break;
  }
  pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(used));
  return parser.is_done();
}

Result<bool> ResponseReader::end() {
  boost::beast::error_code error;
  state_->parser.put_eof(error);
  if (error) return bad_answer(error);
  return state_->parser.is_done();
}

Fetched ResponseReader::take() {
  auto message = state_->parser.release();
  Fetched out;
  out.status = static_cast<int>(message.result_int());
  out.content_type = std::string(message[http::field::content_type]);
  out.body = std::move(message.body());
  return out;
}

Result<Fetched> fetch(const FetchRequest& request, const FetchRules& rules) {
  auto url = parse_url(request.url);
  MW_TRY(url);
  if (request.method != "GET" && request.method != "POST") return invalid("method", "expected GET or POST");
  for (const auto& [name, value] : request.headers)
    if (!good_header(name, value)) return invalid("header", mw::format("{} cannot be sent", name));
  if (!url->tls && !(rules.loopback && platform::names_this_machine(url->host)))
    return Error{ErrorKind::forbidden, "url", "expected https"};
  const std::int64_t deadline = platform::monotonic_ns() + std::int64_t{rules.timeout_ms} * 1'000'000;
  const auto connection =
      platform::dial({url->host, url->port, url->tls, rules.loopback, rules.authorities, rules.bytes_per_s}, deadline);
  MW_TRY(connection);
  MW_TRY((*connection)->send(as_bytes(text_of(request, *url))));
  ResponseReader reader(rules.max_bytes);
  std::vector<Byte> part(64u << 10);
  while (true) {
    const auto got = (*connection)->receive(part);
    MW_TRY(got);
    const auto done = *got == 0 ? reader.end() : reader.feed(ByteView(part).first(*got));
    MW_TRY(done);
    if (*done) return reader.take();
    if (*got == 0) return failure(ErrorKind::unavailable, "the answer is not whole");
    if (rules.stopped != nullptr && *rules.stopped) return failure(ErrorKind::unavailable, "the host stops");
  }
}

}  // namespace mw::edge
