// Heads of HTTP answers: status line, the headers that every answer carries, and those of the moment. RFC 9110.
// Thread: any.
#pragma once

#include <string>
#include <string_view>

namespace mw::edge {

std::string_view reason_phrase(int status);

// Appends header lines one by one; `end` closes the head.
class ResponseHead {
 public:
  explicit ResponseHead(int status);
  ResponseHead& add(std::string_view name, std::string_view value);
  // nosniff, Referrer-Policy, COOP, CORP, Permissions-Policy and the content security policy given.
  ResponseHead& add_security(std::string_view content_security_policy, bool embeddable);
  std::string end();

 private:
  std::string text_;
};

// "Sat, 21 Nov 2026 21:00:00 GMT" (RFC 9110, 5.6.7).
std::string http_date(long long unix_seconds);

// Does If-None-Match name this entity tag (quoted, as sent)? Weak comparison.
bool etag_matches(std::string_view if_none_match, std::string_view etag);

}  // namespace mw::edge
