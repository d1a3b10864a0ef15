// HTTP/1.1 requests, sans I/O: bytes go in, a request or a refusal comes out. Boost.Beast parses; limits and the meaning of the
// path are ours. RFC 9110, RFC 9112; request smuggling (both a length and chunks, bare line ends, folded lines) is refused.
// Thread: its connection's loop.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace mw::edge {

// A status and a sentence for people; the connection ends after it.
struct Refusal {
  int status = 400;
  std::string message;
};

struct Request {
  enum class Method : std::uint8_t { get, head, post, other };
  Method method = Method::get;
  std::string method_name;
  std::string path;  // decoded, as ContentSource::find expects it
  std::string query;  // as it came, without the question mark
  std::string body;
  bool keep_alive = true;

  std::string host;  // Host: name and port
  std::string origin;
  std::string bearer;  // of Authorization: Bearer
  std::string if_none_match;
  std::string content_type;
  std::string forwarded_for, forwarded_proto;
  std::string content_digest, signature_input,
      signature;  // RFC 9530, RFC 9421: what a host signs; lines joined by ", "
  bool accepts_gzip = false;

  bool upgrade = false;  // Connection: upgrade, Upgrade: websocket
  std::string websocket_key, websocket_version, websocket_protocols;
};

// Decodes and checks the path of a target ("/a%20b?x=1"): starts with "/", no empty segment, no "." or "..", no backslash, no
// control character, valid UTF-8, at most 2 KiB. Errors: invalid, too_large.
struct Target {
  std::string path, query;
};
Result<Target> parse_target(std::string_view target);

class RequestParser {
 public:
  RequestParser();
  ~RequestParser();
  RequestParser(RequestParser&&) noexcept;
  RequestParser& operator=(RequestParser&&) noexcept;

  enum class State : std::uint8_t { more, ready, refused };
  // Takes bytes. After `ready`, take_request; bytes of the next request wait inside. After `refused`, refusal().
  State feed(ByteView bytes);
  State resume() { return feed({}); }  // with what waits inside, after a request was taken
  void hold(ByteView bytes);  // keeps them for resume
  Request take_request();  // and begins anew
  const Refusal& refusal() const;
  bool in_progress() const;  // a request has begun and is not complete
  bool has_header() const;  // the header is complete, the body is not
  std::string_view path() const;  // of the request under way or refused, once known
  bool wants_continue();  // once per request: the client waits for "100 Continue"
  Bytes take_rest();  // what came behind the request, for the protocol that follows an upgrade

 private:
  struct State_;
  std::unique_ptr<State_> state_;
};

}  // namespace mw::edge
