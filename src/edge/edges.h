// The edges of a host: N event loops, each with its own listener (SO_REUSEPORT), its connections (HTTP/1.1 and WebSocket,
// TCP or TLS) and its track hub. To the control side they are one tracks::Outlet; what comes in goes to edge::Control.
// Paths, headers and close codes: schema/http.md.
// Thread: make, start, drain and stop on the thread that owns the host; the Outlet's methods on the control loop only
// (the one that publishes); set_tick on the control loop; port, sessions and draining on any.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "edge/content.h"
#include "edge/control.h"
#include "tracks/outlet.h"

namespace mw::runtime {
class Metrics;
}

namespace mw::edge {

// All of it is checked by Edges::make; an error names the field.
struct EdgesConfig {
  std::string listen = "127.0.0.1";  // one address, IPv4 or IPv6; "0.0.0.0" and "::" are all
  std::uint16_t port = 0;  // 0: any free one, see Edges::port
  int loops = 1;  // 1 to 64 event loops, each a thread
  std::vector<int> cores;  // loop i is pinned to cores[i]; shorter or empty: not pinned

  std::string tls_certificate;  // PEM files; both or neither. Certificate first, then its chain.
  std::string tls_key;

  // Addresses ("127.0.0.1", "::1") or networks ("10.0.0.0/8") whose X-Forwarded-For and X-Forwarded-Proto are believed.
  std::vector<std::string> trusted_proxies;
  // Origins besides the host itself that may open /connect and POST /rpc: "https://example.org", or "*" for all.
  std::vector<std::string> allowed_origins;
  // Origins whose pages may show a world in a frame (Content-Security-Policy: frame-ancestors), or "*". Empty: none but
  // the host itself.
  std::vector<std::string> embed_origins;

  std::size_t max_connections = limits::kConnectionsPerHost;  // sockets, all loops together
  std::size_t max_connections_per_address = limits::kConnectionsPerAddress;  // loopback and proxies are exempt

  bool metrics_open = false;  // /metrics for everybody; else loopback, or an operator's bearer token
  // Says whether a bearer token is an operator's. Called on edge loops: must be thread-safe and quick. Empty: none is.
  std::function<bool(std::string_view bearer)> is_operator;
  // Answers what other hosts and auditors ask for (PublicRequest). Called on edge loops: must be quick; `reply` is called exactly
  // once, by any thread. Empty: nothing is served there.
  std::function<void(PublicRequest request, std::function<void(HttpReply)> reply)> on_public;
  // The quality of service for /sla.json, as JSON text: called on edge loops, must be quick. Null: nothing is served there yet.
  std::function<std::shared_ptr<const std::string>()> quality;
  // A short JSON object for /healthz, besides {"status":...}: called on edge loops. Empty: nothing is added.
  std::function<std::string()> health;
};

class Edges final : public tracks::Outlet {
 public:
  // Binds (so that a taken port is an error here), reads certificate and key. `control`, `content` and `metrics` outlive
  // the edges. Errors: invalid (a field), unavailable (port taken, no permission).
  static Result<std::unique_ptr<Edges>> make(EdgesConfig config, Control& control, const ContentSource& content,
                                             runtime::Metrics& metrics);
  ~Edges() override;  // stops, when not stopped

  void start();  // starts the loops: from here on Control is called
  std::uint16_t port() const;
  std::size_t sessions() const;  // open WebSocket connections
  bool draining() const;

  // Graceful end: /healthz answers 503, /connect is refused, sessions are closed with 1001 and `reason`; requests under way
  // are finished. Returns at once; `sessions()` falls to 0 within limits::kDrainMs. Then stop().
  void drain(std::string_view reason);
  // Closes everything and joins the threads. Control is not called any more once this returns.
  void stop();

  // Reads certificate and key again, for connections that begin from now on; on an error the old ones stay. No effect without
  // TLS. Any thread.
  Status reload_certificate();

  // The newest tick, for answers to clock pings: tick number, and when it began (monotonic nanoseconds, platform/clock.h).
  void set_tick(std::uint32_t tick, std::int64_t began_ns);

  // The share of the time between two ticks that the busiest loop worked (processor time), the highest since the last call. Any thread.
  double take_busy();

  // tracks::Outlet: returns at once. What waits for an edge loop is bounded (limits::kEdgeCommands); if an edge falls that
  // far behind, the control loop waits for it, which never deadlocks, since an edge never waits for the control loop.
  void open_track(TrackId track, tracks::TrackKind kind) override;
  void close_track(TrackId track) override;
  void publish(tracks::FrameRef frame, tracks::FrameRef rekey = {}) override;
  void flush() override;
  void subscribe(SessionId session, TrackId track, tracks::FrameRef first) override;
  void unsubscribe(SessionId session, TrackId track) override;
  void choose(SessionId session, TrackId base, tracks::ChoiceRef choice) override;
  void send_text(SessionId session, std::string json) override;
  void send_frame(SessionId session, tracks::FrameRef frame) override;
  void close(SessionId session, tracks::CloseCode code, std::string_view reason) override;

 private:
  struct State;
  explicit Edges(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Which edge loop (0 to loops-1) owns a session: for per-edge rings of claims.
constexpr std::size_t edge_of(SessionId session) { return static_cast<std::size_t>(session.value & 0xff); }

}  // namespace mw::edge
