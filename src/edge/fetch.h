// One request of this host to another: HTTP/1.1 over TLS, bounded in size and time, and no redirect is followed, since the
// address comes from outside. Plain HTTP only to this machine, where the rules allow it.
// Source: RFC 9110, RFC 9112; RFC 3986 (the part of it that such addresses need).
// Thread: `fetch` blocks: never on an event loop. The rest: pure, or its owner's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace mw::edge {

struct Url {
  bool tls = true;
  std::string host;  // lower case, without brackets
  std::uint16_t port = 443;
  std::string target = "/";  // path and query, as it goes out
  std::string authority() const;  // as in the Host header: the port only where it is not the usual one
};
// "https://host[:port]/path?query". Strict: no user, no fragment, no spaces, a name of letters, digits, dots and hyphens or an
// address. Error `invalid`, field "url".
Result<Url> parse_url(std::string_view text);

struct FetchRules {
  bool loopback = false;  // this machine may be reached, also without TLS
  std::size_t max_bytes = 1u << 20;  // of the answer's body
  int timeout_ms = 10'000;  // for all of it, and a second more for each `bytes_per_s` that came
  std::size_t bytes_per_s = 256u << 10;
  const std::atomic<bool>* stopped = nullptr;  // nothing more is waited for once it is true; it outlives the request
  std::string authorities;  // PEM file of the certificates that are believed; empty: the system's
};

struct FetchRequest {
  std::string method = "GET";  // GET or POST
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;  // besides Host, Connection and Content-Length
  std::string body;
};

struct Fetched {
  int status = 0;
  std::string content_type;
  std::string body;
};
// Any answer is a value, also one of 404 or a redirect. Errors: `invalid` (the URL, a header), `forbidden` (where it leads),
// `too_large`, `unavailable`.
Result<Fetched> fetch(const FetchRequest& request, const FetchRules& rules);

// An HTTP answer, sans I/O.
class ResponseReader {
 public:
  explicit ResponseReader(std::size_t max_bytes);
  ~ResponseReader();
  ResponseReader(const ResponseReader&) = delete;
  ResponseReader& operator=(const ResponseReader&) = delete;
  // True when the answer is complete. Errors `invalid` and `too_large`.
  Result<bool> feed(ByteView bytes);
  Result<bool> end();  // the peer has ended
  Fetched take();  // once complete

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mw::edge
