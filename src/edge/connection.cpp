#include "edge/connection.h"

#include <utility>

#include "base/format.h"
#include "edge/loop.h"
#include "runtime/log.h"

namespace mw::edge {

using tracks::CloseCode;

namespace {

runtime::LogLimit closures(5);

std::uint64_t& count_of(Counts& counts, CloseCode code) {
  switch (code) {
    case CloseCode::too_slow: return counts.closed_slow;
    case CloseCode::policy: return counts.closed_flooding;
    default: return counts.closed_bad;
  }
}

}  // namespace

Connection::Connection(EdgeLoop& loop, std::uint32_t slot, SessionId id, platform::Stream stream, bool counted)
    : loop_(loop),
      id_(id),
      slot_(slot),
      counted_(counted),
      stream_(std::move(stream)),
      http_(std::make_unique<Http>()) {
  heard_ms_ = progress_ms_ = loop.now_ms();
}

Connection::~Connection() = default;

void Connection::start() { stream_.open(*this); }

ByteView Connection::view_of(const Item& item) {
  if (const auto* text = std::get_if<std::string>(&item)) return as_bytes(*text);
  if (const auto* frame = std::get_if<tracks::FrameRef>(&item)) return (*frame)->message();
  const auto& part = std::get<BlobPart>(item);
  return as_bytes(part.gzip ? part.blob->gzip : part.blob->bytes);
}

// What is held for this session alone. Files and snapshots are held once for all who get them, and come in bounded number.
std::size_t Connection::own_bytes(const Item& item) {
  if (const auto* text = std::get_if<std::string>(&item)) return text->size();
  const auto* frame = std::get_if<tracks::FrameRef>(&item);
  return frame != nullptr && !(*frame)->info().keyframe ? (*frame)->message().size() : 0;
}

void Connection::enqueue(Item item, bool more) {
  const ByteView bytes = view_of(item);
  std::size_t taken = 0;
  if (!blocked_) {
    taken = write(bytes, more);
    if (taken == bytes.size()) return;
    set_blocked(true);
    progress_ms_ = loop_.now_ms();
    head_sent_ = taken;
  }
  queue_bytes_ += own_bytes(item);
  queue_.push_back(std::move(item));
}

void Connection::flush() {
  bool progress = false;
  if (started_) {
    const ByteView rest = started_->message().subspan(started_sent_);
    const std::size_t taken = write(rest);
    started_sent_ += taken;
    progress = taken > 0;
    if (taken < rest.size()) {
      if (progress) progress_ms_ = loop_.now_ms();
      return;
    }
    started_ = tracks::FrameRef();
  }
  while (queue_head_ < queue_.size()) {
    Item& item = queue_[queue_head_];
    const ByteView rest = view_of(item).subspan(head_sent_);
    const std::size_t taken = write(rest, queue_head_ + 1 < queue_.size());
    head_sent_ += taken;
    progress = progress || taken > 0;
    if (taken < rest.size()) break;
    queue_bytes_ -= own_bytes(item);
    item = std::string();
    head_sent_ = 0;
    ++queue_head_;
  }
  if (progress) progress_ms_ = loop_.now_ms();
  if (queue_head_ < queue_.size()) return;
  queue_ = std::vector<Item>();
  queue_head_ = 0;
  set_blocked(false);
  all_sent();
}

void Connection::all_sent() {
  switch (mode_) {
    case Mode::responding: response_sent(); break;
    case Mode::websocket: loop_.hub().drained(slot_); break;
    case Mode::closing:
      if (peer_closed_) finish();
      break;
    default: break;
  }
}

void Connection::writable() {
  if (blocked_) flush();
}

void Connection::ended() { end(); }

void Connection::received(std::span<Byte> bytes) {
  loop_.counts().bytes_in += bytes.size();
  loop_.note_read();
  switch (mode_) {
    case Mode::websocket:
    case Mode::closing: read_messages(bytes); break;
    case Mode::http:
      heard_ms_ = loop_.now_ms();
      if (!http_->parser.in_progress()) progress_ms_ = heard_ms_;  // a request begins
      pump_http(bytes);
      break;
    case Mode::awaiting:
    case Mode::responding: http_->parser.hold(bytes); break;  // reading is paused; this was on its way
    default: break;
  }
}

bool Connection::within_backlog() {
  if (queue_bytes_ <= limits::kSendBacklogBytes) return true;
  close(CloseCode::too_slow, "replies are not read fast enough");
  return false;
}

void Connection::send_text(std::string_view json) {
  if (mode_ != Mode::websocket || !within_backlog()) return;
  ++loop_.counts().text_out;
  enqueue(websocket_message(Opcode::text, json));
}

void Connection::send_frame(tracks::FrameRef frame) {
  if (mode_ != Mode::websocket || !frame || !within_backlog()) return;
  enqueue(std::move(frame));
}

void Connection::close(CloseCode code, std::string_view reason) {
  if (mode_ != Mode::websocket) return;
  if (code != CloseCode::normal && code != CloseCode::going_away && code != CloseCode::replaced) {
    ++count_of(loop_.counts(), code);
    closures.log(runtime::LogLevel::info, "edge", "session closed",
                 {{"session", id_.value},
                  {"address", stream_.closed() ? "" : stream_.peer().address},
                  {"code", static_cast<int>(code)},
                  {"reason", reason}});
  }
  session_over();
  mode_ = Mode::closing;
  // What was begun must end, or the close frame could not be read; the rest is dropped.
  if (queue_head_ < queue_.size()) {
    const bool begun = head_sent_ > 0;
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(queue_head_));
    queue_.resize(begun ? 1 : 0);
    queue_head_ = 0;
    queue_bytes_ = begun ? own_bytes(queue_[0]) : 0;
    if (queue_.empty() && !started_) set_blocked(false);
  }
  progress_ms_ = loop_.now_ms();
  enqueue(websocket_close(code, reason));
  if (!blocked_ && peer_closed_) finish();
}

// Nothing more will be sent. The peer may still be sending: what it sends is read and dropped for a while, because closing with
// unread bytes would make the kernel take back what we said (a reset).
void Connection::finish() {
  stream_.finish();
  stream_.resume();
  mode_ = Mode::lingering;
  progress_ms_ = loop_.now_ms();
}

void Connection::session_over() {
  if (mode_ != Mode::websocket) return;
  loop_.hub().leave(slot_);
  loop_.shared().sessions.fetch_sub(1, std::memory_order_relaxed);
  loop_.shared().control.session_closed(id_, parting_);
}

void Connection::end() {
  if (mode_ == Mode::dead) return;
  session_over();
  mode_ = Mode::dead;
  Shared& shared = loop_.shared();
  if (counted_ && !stream_.closed()) shared.addresses.leave(stream_.peer().address);
  if (!proxied_address_.empty()) shared.addresses.leave(proxied_address_);
  shared.connections.fetch_sub(1, std::memory_order_relaxed);
  stream_.close();
  loop_.bury(*this);
}

void Connection::drain(std::string_view reason) {
  if (mode_ == Mode::websocket) return close(CloseCode::going_away, reason);
  if (mode_ == Mode::http && http_->served && !http_->parser.in_progress()) return end();
  if (http_) http_->close_after = true;
}

void Connection::sweep(std::int64_t now_ms) {
  switch (mode_) {
    case Mode::http:
    case Mode::awaiting:
    case Mode::responding: sweep_http(now_ms); break;
    case Mode::websocket: sweep_websocket(now_ms); break;
    case Mode::closing:
    case Mode::lingering:
      if (now_ms - progress_ms_ > limits::kCloseMs) end();
      break;
    case Mode::dead: break;
  }
}

void Connection::sweep_websocket(std::int64_t now_ms) {
  const std::int64_t silent = now_ms - heard_ms_;
  if (silent > limits::kSessionSilentMs || (blocked_ && now_ms - progress_ms_ > limits::kSessionSilentMs)) {
    ++loop_.counts().closed_silent;
    close(CloseCode::too_slow, "nothing was heard or read for too long");
    return;
  }
  if (silent > limits::kPingMs && !pinged_ && !blocked_) {
    pinged_ = true;
    enqueue(websocket_message(Opcode::ping, {}));
  }
  if (const auto bytes_per_s = link_.measure(now_ms)) loop_.shared().control.link_measured(id_, *bytes_per_s);
}

}  // namespace mw::edge
