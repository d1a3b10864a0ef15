// WebSocket, server side, sans I/O (RFC 6455): the handshake's answer, reading of masked frames, headers of what is sent. No
// extension is ever agreed on. Reading unmasks in place and does not allocate for messages that arrive whole, as pose claims do;
// only what arrives in pieces is gathered.
// Thread: its connection's loop.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "tracks/outlet.h"

namespace mw::edge {

inline constexpr int kProtocolVersion = 1;  // of Manyworlds: subprotocol "manyworlds.1"

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

class WebSocketReader {
 public:
  struct Message {
    Opcode opcode = Opcode::text;
    std::span<Byte> payload;  // valid until the next call; text and close reasons are checked UTF-8
  };
  enum class State : std::uint8_t { more, message, failed };

  // Takes bytes from the front of `input`, which it may change, until a message is complete or all are taken.
  State next(std::span<Byte>& input, Message& message);

  // After `failed`: what to close with.
  tracks::CloseCode code() const { return code_; }
  const char* reason() const { return reason_; }

  std::size_t memory() const { return gathered_.capacity() + control_.capacity(); }

 private:
  State fail(tracks::CloseCode code, const char* reason);
  bool take_header(std::span<Byte>& input);  // false: more bytes needed, or failed
  bool check_flags();  // of the first two bytes
  bool check_length(std::uint64_t length);
  State finish(std::span<Byte> payload, Message& message);
  void take_back(Bytes& store);
  bool check_close(std::span<const Byte> payload);

  static constexpr std::size_t kHeaderMax = 14;
  std::array<Byte, kHeaderMax> header_{};  // of the frame under way, as far as it came
  std::uint8_t header_size_ = 0;
  bool in_payload_ = false, failed_ = false;
  bool final_ = false;
  bool handed_out_ = false;  // the last message's payload lies in gathered_ or control_
  Opcode opcode_ = Opcode::text;  // of the frame under way
  Opcode message_opcode_ = Opcode::continuation;  // of the fragmented message under way; continuation: none
  std::array<Byte, 4> mask_{};
  std::uint64_t left_ = 0;  // of the frame's payload
  std::uint64_t offset_ = 0;  // into the frame's payload, for the mask
  Bytes gathered_;  // a data message in pieces
  Bytes control_;  // a control frame in pieces
  tracks::CloseCode code_ = tracks::CloseCode::protocol_error;
  const char* reason_ = "";
};

// XORs with the mask, whose byte `offset` modulo 4 meets the first byte.
void unmask(std::span<Byte> bytes, const std::array<Byte, 4>& mask, std::uint64_t offset);

// Header and payload of an unmasked, final frame.
std::string websocket_message(Opcode opcode, std::string_view payload);
std::string websocket_close(tracks::CloseCode code, std::string_view reason);  // the reason is cut at 123 bytes

// Sec-WebSocket-Accept for Sec-WebSocket-Key (section 4.2.2). Empty when the key is not 16 bytes in base64.
std::string websocket_accept(std::string_view key);

// Which of the offered subprotocols ("a, b") to answer with, and whether that version is spoken here.
struct Subprotocol {
  std::string chosen;  // empty: answer none
  bool spoken = true;
  bool acceptable = true;  // false: protocols were offered, and none is of Manyworlds
};
Subprotocol choose_subprotocol(std::string_view offered);

}  // namespace mw::edge
