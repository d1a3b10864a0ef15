// For tests: a small HTTP and WebSocket client, and a control side that notes what it is told. Blocking, with time-outs; shares no
// code with the edge's own reading and writing of messages.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edge/control.h"
#include "edge/edges.h"
#include "platform/test_socket.h"
#include "runtime/metrics.h"

namespace mw::edge {

struct TestReply {
  int status = 0;
  std::string head, body;
  std::string header(std::string_view name) const {
    const auto at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return {};
    const auto from = at + name.size() + 4;
    return head.substr(from, head.find("\r\n", from) - from);
  }
};

class TestClient {
 public:
  TestClient() = default;
  explicit TestClient(std::uint16_t port, bool tls = false, int receive_bytes = 0)
      : socket_(port, tls, receive_bytes) {}

  platform::TestSocket& socket() { return socket_; }

  // One answer; `head_only` for HEAD and 304.
  TestReply reply(bool head_only = false, int timeout_ms = 5000) {
    TestReply out;
    while (buffer_.find("\r\n\r\n") == std::string::npos)
      if (!more(timeout_ms)) return out;
    const auto end = buffer_.find("\r\n\r\n");
    out.head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    out.status = std::atoi(out.head.substr(9, 3).c_str());
    if (head_only || out.status == 101 || out.status == 100 || out.status == 304) return out;
    const std::string length = out.header("Content-Length");
    const std::size_t size = length.empty() ? 0 : static_cast<std::size_t>(std::atol(length.c_str()));
    while (buffer_.size() < size)
      if (!more(timeout_ms)) break;
    out.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return out;
  }
  TestReply request(std::string_view method, std::string_view target, std::string_view headers = {},
                    std::string_view body = {}) {
    std::string text =
        std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers);
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    socket_.send(text + "\r\n" + std::string(body));
    return reply(method == "HEAD");
  }

  TestReply upgrade(std::string_view headers = "Sec-WebSocket-Protocol: manyworlds.1\r\n") {
    return request("GET", "/connect",
                   "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                       std::string(headers));
  }

  static std::string masked(int opcode, std::string_view payload, bool final = true) {
    std::string out;
    out.push_back(static_cast<char>((final ? 0x80 : 0) | opcode));
    if (payload.size() < 126) {
      out.push_back(static_cast<char>(0x80 | payload.size()));
    } else {
      const int bytes = payload.size() < 65536 ? 2 : 8;
      out.push_back(static_cast<char>(0x80 | (bytes == 2 ? 126 : 127)));
      for (int i = bytes - 1; i >= 0; --i)
        out.push_back(static_cast<char>(static_cast<std::uint64_t>(payload.size()) >> (8 * i)));
    }
    const char mask[4] = {0x11, 0x22, 0x33, 0x44};
    out.append(mask, 4);
    for (std::size_t i = 0; i < payload.size(); ++i) out.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
    return out;
  }
  bool send_text(std::string_view text) { return socket_.send(masked(1, text)); }
  bool send_binary(std::string_view bytes) { return socket_.send(masked(2, bytes)); }

  struct Message {
    int opcode = -1;  // -1: the end, or nothing within the time; -2: what no server may send
    std::string payload;
    int close_code() const {
      return payload.size() < 2 ? 0
                                : static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
    }
  };
  Message message(int timeout_ms = 5000) {
    while (true) {
      if (auto parsed = parse()) return std::move(*parsed);
      if (!more(timeout_ms)) return {};
    }
  }
  // Reads on until the peer ends; false when it does not within the time.
  bool ended(int timeout_ms = 5000) {
    while (more(timeout_ms)) {
    }
    return !socket_.timed_out();
  }

 private:
  bool more(int timeout_ms) {
    std::string piece = socket_.receive(65536, timeout_ms);
    buffer_ += piece;
    return !piece.empty();
  }
  std::optional<Message> parse() {
    if (buffer_.size() < 2) return std::nullopt;
    const auto byte = [&](std::size_t i) { return static_cast<std::uint64_t>(static_cast<unsigned char>(buffer_[i])); };
    std::size_t header = 2;
    std::uint64_t size = byte(1);
    if (size >= 128 || (byte(0) & 0xf0) != 0x80) return Message{-2, {}};  // masked, in pieces, or by an extension
    const std::size_t extra = size == 126 ? 2 : size == 127 ? 8 : 0;
    header += extra;
    if (buffer_.size() < header) return std::nullopt;
    if (extra != 0) size = 0;
    for (std::size_t i = 0; i < extra; ++i) size = size << 8 | byte(2 + i);
    if (buffer_.size() < header + size) return std::nullopt;
    Message out{static_cast<int>(byte(0) & 0x0f), buffer_.substr(header, size)};
    buffer_.erase(0, header + size);
    return out;
  }

  platform::TestSocket socket_;
  std::string buffer_;
};

// Notes everything; answers calls over HTTP by `on_http`, or by an echo.
class TestControl final : public Control {
 public:
  void session_opened(SessionId session, Peer peer) override {
    const std::lock_guard lock(mutex_);
    opened.push_back(session);
    peers.push_back(std::move(peer));
    changed_.notify_all();
  }
  void session_closed(SessionId session, Parting parting) override {
    const std::lock_guard lock(mutex_);
    closed.push_back(session);
    partings.push_back(parting);
    changed_.notify_all();
  }
  void call(SessionId session, std::string json) override {
    const std::lock_guard lock(mutex_);
    calls.emplace_back(session, std::move(json));
    changed_.notify_all();
  }
  void claim(SessionId, const wire::PoseClaim& claim) override {
    const std::lock_guard lock(mutex_);
    last_claim = claim;
    ++claims;
    changed_.notify_all();
  }
  void link_measured(SessionId, double) override {}
  void http_call(Peer peer, std::string bearer, std::string json, std::function<void(HttpReply)> reply) override {
    if (on_http) return on_http(std::move(peer), std::move(bearer), std::move(json), std::move(reply));
    reply({200, "application/json", json});
  }

  // Waits until `true_now` holds, under the lock.
  bool wait(const std::function<bool()>& true_now, int timeout_ms = 5000) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), true_now);
  }

  // Reads under the lock.
  template <class Read>
  auto look(Read read) {
    const std::lock_guard lock(mutex_);
    return read();
  }
  Peer last_peer() {
    return look([&] { return peers.back(); });
  }

  std::vector<SessionId> opened, closed;
  std::vector<Parting> partings;  // of those that closed
  std::vector<Peer> peers;
  std::vector<std::pair<SessionId, std::string>> calls;
  wire::PoseClaim last_claim;
  std::size_t claims = 0;
  std::function<void(Peer, std::string, std::string, std::function<void(HttpReply)>)> on_http;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

class TestContent final : public ContentSource {
 public:
  void add(std::string path, std::shared_ptr<const Blob> blob) {
    blobs_.emplace_back(std::move(path), std::move(blob));
  }
  std::shared_ptr<const Blob> find(std::string_view path, std::string_view) const override {
    for (const auto& [known, blob] : blobs_)
      if (known == path) return blob;
    return nullptr;
  }

 private:
  std::vector<std::pair<std::string, std::shared_ptr<const Blob>>> blobs_;
};

}  // namespace mw::edge
