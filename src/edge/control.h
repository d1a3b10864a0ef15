// What an edge reports to the control side. The edge has parsed, bounded and rate-limited; the control side decides.
// Thread: the edge calls these on its own loop; the native implementation (server/) carries them to the control loop.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "wire/claim.h"

namespace mw::edge {

struct Peer {
  std::string address;  // of the visitor; behind a trusted proxy, from X-Forwarded-For
  std::string origin;   // the Origin header, already checked against the policy; empty outside browsers
  bool secure = false;  // TLS here or at the trusted proxy
};

struct HttpReply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::string cache_control = "no-store";
};

// The one address at which another host makes its signed calls (schema/hosts.md).
inline constexpr std::string_view kHostCallsPath = "/.well-known/manyworlds/calls";

// A request for what the host shows other hosts and auditors, and for what they ask of it: "/log/...", "/people/.../did.jsonl"
// and what the host says of itself by GET, "/witness/..." by GET or POST, kHostCallsPath by POST.
struct PublicRequest {
  bool post = false;
  std::string path;  // decoded, as ContentSource::find expects it
  std::string body;
  std::string query;  // as it came, without the question mark
  std::string address;  // of who asks, as Peer::address
  std::string content_type, content_digest, signature_input, signature;  // header fields; empty where there are none
};

// How a session ended. A browser says goodbye by itself when its page is closed or left (RFC 6455, 7.4.1: 1000 or 1001); a link
// that breaks says nothing.
enum class Parting : std::uint8_t { lost, left };

class Control {
 public:
  virtual ~Control() = default;
  virtual void session_opened(SessionId session, Peer peer) = 0;
  virtual void session_closed(SessionId session, Parting parting) = 0;
  virtual void call(SessionId session, std::string json) = 0;  // one text message: a JSON-RPC request or batch
  // Never blocks and never allocates; when the ring to the control loop is full the claim is dropped and counted, since
  // a newer one follows.
  virtual void claim(SessionId session, const wire::PoseClaim& claim) = 0;
  // So many bytes a second may be sent of what its link was seen to carry (link_meter.h); infinity where nothing was held up.
  virtual void link_measured(SessionId session, double bytes_per_s) = 0;
  // One POST /rpc. `bearer` is the capability token of the Authorization header, or empty. `reply` may be called from
  // any thread, exactly once.
  virtual void http_call(Peer peer, std::string bearer, std::string json, std::function<void(HttpReply)> reply) = 0;
};

}  // namespace mw::edge
