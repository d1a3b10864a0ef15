// One edge loop: listener, connections, hub, and the commands of the control side.
// Thread: its own; `command` on the control loop; construction and end on the owner's.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/limits.h"
#include "edge/connection.h"
#include "edge/shared.h"
#include "platform/clock.h"
#include "platform/tcp.h"
#include "runtime/loop.h"
#include "runtime/spsc_ring.h"
#include "runtime/token_bucket.h"
#include "tracks/hub.h"

namespace mw::edge {

// One instruction of the control side (tracks::Outlet), as it travels in the ring.
struct Command {
  enum class Kind : std::uint8_t {
    open_track,
    close_track,
    publish,
    flush,
    subscribe,
    unsubscribe,
    choose,
    send_text,
    send_frame,
    close
  };
  Kind kind = Kind::publish;
  tracks::TrackKind track_kind = tracks::TrackKind::latest;
  tracks::CloseCode code = tracks::CloseCode::normal;
  TrackId track;
  SessionId session;
  tracks::FrameRef frame, rekey;
  tracks::ChoiceRef choice;
  std::string text;
};

// Plain numbers of one loop; published to the metrics once a second.
struct Counts {
  std::uint64_t accepted = 0, refused = 0, requests = 0, request_errors = 0;
  std::uint64_t calls = 0, claims = 0, claims_dropped = 0, claims_invalid = 0, pings = 0;
  std::uint64_t bytes_in = 0, text_out = 0, closed_slow = 0, closed_flooding = 0, closed_bad = 0, closed_silent = 0;
};

class EdgeLoop final : public tracks::Hub::Sink {
 public:
  EdgeLoop(Shared& shared, std::size_t index);
  ~EdgeLoop();

  // Binds; port 0 takes a free one.
  Status listen(std::uint16_t port, std::shared_ptr<platform::TlsServer> tls);
  std::uint16_t port() const { return listener_->port(); }
  void start(int core);
  void drain(std::string reason);  // any thread
  void stop();                     // closes everything, ends the thread

  void command(Command&& command);  // the control loop; waits when the ring is full

  // For connections.
  Shared& shared() { return shared_; }
  tracks::Hub& hub() { return hub_; }
  Counts& counts() { return counts_; }
  void note_read() { ++reads_; }
  std::int64_t now_ms() const { return platform::monotonic_ns() / 1'000'000; }
  bool may_call(const std::string& address, std::int64_t now_ms);  // rate of POST /rpc per address
  void bury(Connection& connection);
  // Answers a call later, from any thread, also after this loop ended.
  std::function<void(HttpReply)> replier(SessionId connection, std::uint32_t call);

  // tracks::Hub::Sink
  bool offer(tracks::Hub::Subscriber subscriber, const tracks::FrameRef& frame) noexcept override;
  void cut_off(tracks::Hub::Subscriber subscriber, TrackId track) noexcept override;

 private:
  struct ReplyGate;
  void accept(platform::Stream stream);
  void take_commands();
  void execute(Command& command);
  Connection* find(SessionId id);
  Connection* find_session(SessionId id);
  void close_the_slow();
  void note_flush();
  void note_served();
  void sweep();
  void publish_counts();
  void reap();

  Shared& shared_;
  const std::size_t index_;
  runtime::Loop loop_;
  std::unique_ptr<platform::Listener> listener_;
  tracks::Hub hub_;
  std::vector<std::unique_ptr<Connection>> slots_;
  std::vector<std::uint32_t> generations_;  // of the slots: makes session ids unique for ever
  std::vector<std::uint32_t> free_slots_;
  std::vector<std::unique_ptr<Connection>>
      graveyard_;  // ended within their own calls; destroyed in a turn of their own
  std::vector<tracks::Hub::Subscriber> slow_;           // cut off by the hub, closed after it is done
  runtime::SpscRing<Command> commands_{limits::kEdgeCommands};
  platform::Wake wake_;
  platform::Timer sweep_timer_;
  std::atomic<bool> stopped_{false};
  std::unordered_map<std::string, runtime::TokenBucket> callers_;
  Counts counts_;
  platform::BusyShare busy_;
  std::int64_t flushed_ns_ = 0;  // when the tick began whose fan-out is under way; 0: none is
  std::uint64_t reads_ = 0;  // since the last slice of the fan-out
  struct Instruments;
  std::unique_ptr<Instruments> instruments_;
  std::shared_ptr<ReplyGate> gate_;
  std::int64_t counted_ms_ = 0;
};

}  // namespace mw::edge
