// What runs for every frame times every visitor, and for every claim: no allocation, lock or log while nothing goes wrong.
#include "base/limits.h"
#include "edge/connection.h"
#include "edge/loop.h"
#include "wire/claim.h"
#include "wire/frame.h"

namespace mw::edge {

using tracks::CloseCode;

namespace {

bool said_goodbye(ByteView close_payload) {
  if (close_payload.size() < 2) return false;
  const int code = close_payload[0] << 8 | close_payload[1];
  return code == static_cast<int>(CloseCode::normal) || code == static_cast<int>(CloseCode::going_away);
}

}  // namespace

bool EdgeLoop::offer(tracks::Hub::Subscriber subscriber, const tracks::FrameRef& frame) noexcept {
  return slots_[subscriber]->offer(frame);
}

std::size_t Connection::write(ByteView bytes, bool more) {
  const std::size_t taken = stream_.write(bytes, more);
  link_.sent(taken);
  return taken;
}

void Connection::set_blocked(bool blocked) {
  blocked_ = blocked;
  link_.blocked(blocked, loop_.now_ms());
}

bool Connection::offer(const tracks::FrameRef& frame) noexcept {
  if (blocked_ || mode_ != Mode::websocket) return false;
  const ByteView message = frame->message();
  const std::size_t taken = write(message);
  if (taken == message.size()) return true;
  set_blocked(true);
  progress_ms_ = loop_.now_ms();
  if (taken == 0) return false;  // nothing was begun: the cursor stays, and a newer frame may come instead
  started_ = frame;
  started_sent_ = taken;
  return true;
}

void Connection::read_messages(std::span<Byte> bytes) {
  const std::int64_t now_ms = heard_ms_ = loop_.now_ms();
  pinged_ = false;
  if (mode_ == Mode::websocket && !allowed(bytes.size(), now_ms)) return;
  WebSocketReader::Message message;
  while (mode_ == Mode::websocket || mode_ == Mode::closing) {
    switch (reader_.next(bytes, message)) {
      case WebSocketReader::State::more: return;
      case WebSocketReader::State::message: on_message(message, now_ms); break;
      case WebSocketReader::State::failed:
        if (mode_ == Mode::closing) return end();  // it was told already
        peer_closed_ = true;  // no more sense is to be expected from it
        return close(reader_.code(), reader_.reason());
    }
  }
}

bool Connection::allowed(std::size_t bytes, std::int64_t now_ms) {
  if (bytes_.take(now_ms, static_cast<double>(bytes))) return true;
  close(CloseCode::policy, "too many bytes");
  return false;
}

void Connection::on_message(const WebSocketReader::Message& message, std::int64_t now_ms) {
  if (mode_ == Mode::websocket && !messages_.take(now_ms)) return close(CloseCode::policy, "too many messages");
  switch (message.opcode) {
    case Opcode::binary:
      if (mode_ == Mode::websocket) on_binary(message.payload, now_ms);
      break;
    case Opcode::text:
      if (mode_ != Mode::websocket) break;
      ++loop_.counts().calls;
      loop_.shared().control.call(id_, std::string(as_text(message.payload)));
      break;
    case Opcode::ping:
      if (mode_ == Mode::websocket && within_backlog())
        enqueue(websocket_message(Opcode::pong, as_text(message.payload)));
      break;
    case Opcode::close:
      peer_closed_ = true;
      if (mode_ == Mode::websocket && said_goodbye(message.payload)) parting_ = Parting::left;
      if (mode_ == Mode::websocket)
        close(CloseCode::normal, {});
      else if (!blocked_)
        finish();
      break;
    default: break;  // a pong: that it was heard is noted
  }
}

void Connection::on_binary(std::span<const Byte> payload, std::int64_t now_ms) {
  Counts& counts = loop_.counts();
  if (payload.empty()) return close(CloseCode::bad_message, "an empty binary message");
  switch (static_cast<wire::FrameKind>(payload[0])) {
    case wire::FrameKind::pose_claim: {
      if (!claims_.take(now_ms)) return void(++counts.claims_dropped);  // a newer one follows
      const auto claim = wire::decode_claim(payload);
      if (!claim) {
        ++counts.claims_invalid;
        return close(CloseCode::bad_message, "pose claim: " + claim.error().text());
      }
      ++counts.claims;
      loop_.shared().control.claim(id_, *claim);
      break;
    }
    case wire::FrameKind::clock_ping: on_clock_ping(payload); break;
    default: break;  // kinds of later versions are skipped
  }
}

void Connection::on_clock_ping(std::span<const Byte> payload) {
  const auto ping = wire::decode_clock_ping(payload);
  if (!ping) return close(CloseCode::bad_message, "clock ping: " + ping.error().text());
  ++loop_.counts().pings;
  if (blocked_) return;  // an answer that waits would be wrong; the client asks again
  wire::ClockAnswer answer;
  answer.time_ms = ping->time_ms;
  answer.tick = loop_.shared().tick_clock.tick(platform::monotonic_ns(), answer.since_tick_us);
  enqueue(websocket_message(Opcode::binary, as_text(wire::encode(answer))));
}

}  // namespace mw::edge
