// Reading what clients send: for every claim of every visitor. No allocation for messages that arrive whole.
#include <algorithm>
#include <cstring>

#include "base/limits.h"
#include "base/text.h"
#include "edge/websocket.h"

namespace mw::edge {

using tracks::CloseCode;

namespace {

constexpr std::size_t kKeptBytes = 1024;  // of a gathered message's memory; more is given back

bool is_control(Opcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

std::size_t header_size(const std::array<Byte, 14>& header, std::size_t have) {
  if (have < 2) return 2;
  const Byte length = header[1] & 0x7f;
  return 6U + (length == 126 ? 2U : length == 127 ? 8U : 0U);
}

}  // namespace

void unmask(std::span<Byte> bytes, const std::array<Byte, 4>& mask, std::uint64_t offset) {
  Byte turned[8];
  for (std::size_t i = 0; i < 8; ++i) turned[i] = mask[(offset + i) & 3];
  std::uint64_t wide = 0;
  std::memcpy(&wide, turned, 8);
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    word ^= wide;
    std::memcpy(bytes.data() + i, &word, 8);
  }
  for (; i < bytes.size(); ++i) bytes[i] = static_cast<Byte>(bytes[i] ^ turned[i & 7]);
}

WebSocketReader::State WebSocketReader::fail(CloseCode code, const char* reason) {
  failed_ = true;
  code_ = code;
  reason_ = reason;
  gathered_ = Bytes();
  control_ = Bytes();
  return State::failed;
}

bool WebSocketReader::take_header(std::span<Byte>& input) {
  while (true) {
    const std::size_t needed = header_size(header_, header_size_);
    const std::size_t count = std::min(needed - header_size_, input.size());
    std::memcpy(header_.data() + header_size_, input.data(), count);
    header_size_ = static_cast<std::uint8_t>(header_size_ + count);
    input = input.subspan(count);
    if (header_size_ < needed) return false;
    if (needed > 2) break;
    if (!check_flags()) return false;  // as soon as it shows: who does not mask does not send a mask either
  }
  const Byte short_length = header_[1] & 0x7f;
  std::uint64_t length = short_length;
  const std::size_t length_bytes = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
  if (length_bytes != 0) {
    length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) length = length << 8 | header_[2 + i];
    if (length < (length_bytes == 2 ? 126U : 65536U))
      return fail(CloseCode::protocol_error, "a length must take as few bytes as it can"), false;
  }
  if (!check_length(length)) return false;
  std::memcpy(mask_.data(), header_.data() + 2 + length_bytes, 4);
  header_size_ = 0;
  left_ = length;
  offset_ = 0;
  in_payload_ = true;
  return true;
}

bool WebSocketReader::check_flags() {
  const auto protocol_error = [this](const char* reason) { return fail(CloseCode::protocol_error, reason), false; };
  final_ = (header_[0] & 0x80) != 0;
  opcode_ = static_cast<Opcode>(header_[0] & 0x0f);
  if ((header_[0] & 0x70) != 0) return protocol_error("no extension was agreed on");
  if ((header_[1] & 0x80) == 0) return protocol_error("frames of a client must be masked");
  if (is_control(opcode_)) {
    if (opcode_ > Opcode::pong) return protocol_error("no such opcode");
    if (!final_ || (header_[1] & 0x7f) > 125) return protocol_error("a control frame is whole and at most 125 bytes");
    return true;
  }
  if (opcode_ > Opcode::binary) return protocol_error("no such opcode");
  if (opcode_ == Opcode::continuation) {
    if (message_opcode_ == Opcode::continuation) return protocol_error("nothing to continue");
  } else {
    if (message_opcode_ != Opcode::continuation) return protocol_error("a message began within another");
    message_opcode_ = opcode_;
  }
  return true;
}

bool WebSocketReader::check_length(std::uint64_t length) {
  if (is_control(opcode_)) return true;
  const bool binary = message_opcode_ == Opcode::binary;
  const std::size_t most = binary ? limits::kUpstreamFrameBytes : limits::kWebSocketMessageBytes;
  if (length <= most && gathered_.size() + length <= most) return true;
  return fail(CloseCode::too_big, binary ? "a binary message is at most 1 KiB" : "a text message is at most 256 KiB"),
         false;
}

void WebSocketReader::take_back(Bytes& store) {
  handed_out_ = false;
  if (store.capacity() > kKeptBytes) store = Bytes();
  store.clear();
}

WebSocketReader::State WebSocketReader::next(std::span<Byte>& input, Message& message) {
  if (failed_) return State::failed;
  if (handed_out_) take_back(is_control(opcode_) ? control_ : gathered_);
  while (true) {
    if (!in_payload_) {
      if (input.empty()) return State::more;
      if (!take_header(input)) return failed_ ? State::failed : State::more;
    }
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
    const std::span<Byte> piece = input.first(count);
    input = input.subspan(count);
    unmask(piece, mask_, offset_);
    const bool whole = offset_ == 0 && count == left_;
    offset_ += count;
    left_ -= count;
    Bytes& store = is_control(opcode_) ? control_ : gathered_;
    if (whole && final_ && store.empty()) {  // arrived whole: stays where it is
      in_payload_ = false;
      return finish(piece, message);
    }
    store.insert(store.end(), piece.begin(), piece.end());
    if (left_ != 0) return State::more;
    in_payload_ = false;
    if (final_) {
      handed_out_ = true;
      return finish(store, message);
    }
  }
}

WebSocketReader::State WebSocketReader::finish(std::span<Byte> payload, Message& message) {
  message.opcode = is_control(opcode_) ? opcode_ : message_opcode_;
  message.payload = payload;
  if (!is_control(opcode_)) message_opcode_ = Opcode::continuation;
  if (message.opcode == Opcode::text && !valid_utf8(as_text(payload)))
    return fail(CloseCode::bad_message, "a text message is not UTF-8");
  if (message.opcode == Opcode::close && !check_close(payload)) return State::failed;
  return State::message;
}

bool WebSocketReader::check_close(std::span<const Byte> payload) {
  if (payload.empty()) return true;
  if (payload.size() == 1) return fail(CloseCode::protocol_error, "a close code has two bytes"), false;
  const int code = payload[0] << 8 | payload[1];
  const bool known =
      (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) || (code >= 3000 && code < 5000);
  if (!known) return fail(CloseCode::protocol_error, "no such close code"), false;
  if (!valid_utf8(as_text(payload.subspan(2))))
    return fail(CloseCode::bad_message, "a close reason is not UTF-8"), false;
  return true;
}

}  // namespace mw::edge
