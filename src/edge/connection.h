// One connection: HTTP/1.1 first, WebSocket after /connect. It owns the stream, what is unsent, and the limits of what comes in.
//
// What goes out keeps this order: the rest of a message that was begun, then replies and snapshots, then ordered frames, then
// latest ones; messages are never mixed. While anything is unsent (`blocked_`), frames are not taken at all: the hub's cursor
// waits. Replies queue, up to limits::kSendBacklogBytes; over it the session is closed as too slow.
// Memory: about 2 KiB with TCP while nothing is unsent; the HTTP parser goes with the upgrade.
// Thread: its loop's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/limits.h"
#include "edge/link_meter.h"
#include "edge/request.h"
#include "edge/routes.h"
#include "edge/websocket.h"
#include "platform/tcp.h"
#include "runtime/token_bucket.h"
#include "tracks/frame.h"
#include "tracks/outlet.h"

namespace mw::edge {

class EdgeLoop;

class Connection final : public platform::Stream::Events {
 public:
  Connection(EdgeLoop& loop, std::uint32_t slot, SessionId id, platform::Stream stream, bool counted);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  bool offer(const tracks::FrameRef& frame) noexcept;  // tracks::Hub::Sink; hot
  void send_text(std::string_view json);
  void send_frame(tracks::FrameRef frame);
  void close(tracks::CloseCode code, std::string_view reason);  // WebSocket: close frame, then the end
  void http_reply(std::uint32_t call, HttpReply reply);
  void sweep(std::int64_t now_ms);  // time-outs, pings
  void drain(std::string_view reason);
  void end();  // at once; the loop buries it

  SessionId id() const { return id_; }
  std::uint32_t slot() const { return slot_; }
  bool session() const { return mode_ == Mode::websocket; }

  // platform::Stream::Events
  void received(std::span<Byte> bytes) override;
  void writable() override;
  void ended() override;

 private:
  enum class Mode : std::uint8_t {
    http,  // reads a request
    awaiting,  // the control side works on a call
    responding,  // an answer is on its way
    websocket,
    closing,  // a close frame was sent or is on its way
    lingering,  // all was said; what still comes is dropped until the peer ends
    dead,  // buried
  };
  struct BlobPart {
    std::shared_ptr<const Blob> blob;
    bool gzip = false;
  };
  using Item = std::variant<std::string, tracks::FrameRef, BlobPart>;
  struct Http;

  // connection_http.cpp
  void pump_http(ByteView bytes);
  void handle(Request request);
  void handle_call(const Request& request);
  void handle_public(const Request& request);
  void upgrade(const Request& request);
  const char* upgrade_problem(const Request& request, int& status) const;
  void enter_websocket(const Request& request, const Subprotocol& protocol);
  void respond(const Answer& answer, const Request& request, bool close_after);
  void refuse(int status, std::string_view message);
  void response_sent();
  void sweep_http(std::int64_t now_ms);

  // connection.cpp
  std::size_t write(ByteView bytes, bool more = false);
  void set_blocked(bool blocked);
  void enqueue(Item item, bool more = false);
  void flush();
  void all_sent();
  void finish();
  void sweep_websocket(std::int64_t now_ms);
  void session_over();
  bool within_backlog();

  // hot/connection_hot.cpp
  void read_messages(std::span<Byte> bytes);
  bool allowed(std::size_t bytes, std::int64_t now_ms);
  void on_message(const WebSocketReader::Message& message, std::int64_t now_ms);
  void on_binary(std::span<const Byte> payload, std::int64_t now_ms);
  void on_clock_ping(std::span<const Byte> payload);

  static ByteView view_of(const Item& item);
  static std::size_t own_bytes(const Item& item);

  EdgeLoop& loop_;
  const SessionId id_;
  const std::uint32_t slot_;
  Mode mode_ = Mode::http;
  bool blocked_ = false;  // something is unsent
  bool counted_;  // in Shared::addresses, under the socket's address
  bool peer_closed_ = false;  // its close frame came
  Parting parting_ = Parting::lost;
  bool pinged_ = false;
  std::uint32_t calls_ = 0;  // over HTTP, to match a reply
  platform::Stream stream_;
  tracks::FrameRef started_;  // a frame of which a part was sent
  std::size_t started_sent_ = 0;
  std::vector<Item> queue_;  // unsent, the first from queue_head_, of which head_sent_ bytes are gone
  std::size_t queue_head_ = 0, head_sent_ = 0, queue_bytes_ = 0;
  std::int64_t heard_ms_ = 0;  // last byte received
  std::int64_t progress_ms_ = 0;  // last byte sent, or the begin of what is waited for
  WebSocketReader reader_;
  runtime::TokenBucket claims_{limits::kClaimsPerSecond, limits::kClaimsBurst};
  runtime::TokenBucket messages_{limits::kMessagesPerSecond, limits::kMessagesBurst};
  runtime::TokenBucket bytes_{limits::kUpstreamBytesPerSecond, limits::kUpstreamBytesBurst};
  LinkMeter link_;
  std::unique_ptr<Http> http_;
  std::string proxied_address_;  // counted in Shared::addresses for a visitor behind a proxy
};

struct Connection::Http {
  RequestParser parser;
  Request request;  // being answered
  Policy::Origin peer;
  bool pumping = false, close_after = false, served = false;
};

}  // namespace mw::edge
