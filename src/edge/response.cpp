#include "edge/response.h"

#include <ctime>

#include "base/format.h"
#include "platform/clock.h"

namespace mw::edge {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Status";
  }
}

std::string http_date(long long unix_seconds) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t time = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  return mw::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[utc.tm_wday], utc.tm_mday, kMonths[utc.tm_mon],
                    utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

ResponseHead::ResponseHead(int status) : text_(mw::format("HTTP/1.1 {} {}\r\n", status, reason_phrase(status))) {
  text_.reserve(1024);
  if (status != 101) add("Date", http_date(platform::wall_ms() / 1000));
}

ResponseHead& ResponseHead::add(std::string_view name, std::string_view value) {
  text_ += name;
  text_ += ": ";
  for (const char c : value)
    if (c != '\r' && c != '\n' && c != '\0') text_.push_back(c);  // a value never makes a header of its own
  text_ += "\r\n";
  return *this;
}

ResponseHead& ResponseHead::add_security(std::string_view content_security_policy, bool embeddable) {
  add("X-Content-Type-Options", "nosniff");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Resource-Policy", embeddable ? "cross-origin" : "same-origin");
  add("Permissions-Policy", "camera=(), geolocation=(), payment=(), microphone=(self), xr-spatial-tracking=(self)");
  add("Content-Security-Policy", content_security_policy);
  if (embeddable) add("Access-Control-Allow-Origin", "*");
  return *this;
}

std::string ResponseHead::end() {
  text_ += "\r\n";
  return std::move(text_);
}

bool etag_matches(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
    while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) item.remove_suffix(1);
    if (item == "*") return true;
    if (item.substr(0, 2) == "W/") item.remove_prefix(2);
    if (item == etag) return true;
  }
  return false;
}

}  // namespace mw::edge
