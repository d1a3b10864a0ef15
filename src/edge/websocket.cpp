#include "edge/websocket.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "crypto/crypto.h"

namespace mw::edge {

std::string websocket_message(Opcode opcode, std::string_view payload) {
  std::string out;
  out.reserve(payload.size() + 10);
  out.push_back(static_cast<char>(0x80 | static_cast<int>(opcode)));
  const std::size_t size = payload.size();
  if (size < 126) {
    out.push_back(static_cast<char>(size));
  } else {
    const int bytes = size < 65536 ? 2 : 8;
    out.push_back(static_cast<char>(bytes == 2 ? 126 : 127));
    for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(static_cast<std::uint64_t>(size) >> (8 * i)));
  }
  out += payload;
  return out;
}

std::string websocket_close(tracks::CloseCode code, std::string_view reason) {
  constexpr std::size_t kReasonMax = 123;
  if (reason.size() > kReasonMax) {
    reason = reason.substr(0, kReasonMax);
    while (!reason.empty() && !valid_utf8(reason)) reason.remove_suffix(1);
  }
  const auto number = static_cast<std::uint16_t>(code);
  std::string payload{static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
  payload += reason;
  return websocket_message(Opcode::close, payload);
}

std::string websocket_accept(std::string_view key) {
  // 16 bytes are 22 characters and two of padding; the last of the 22 carries four bits.
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (key.size() != 24 || key.substr(22) != "==" ||
      key.substr(0, 22).find_first_not_of(kAlphabet) != std::string_view::npos)
    return {};
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  return crypto::base64(crypto::sha1(as_bytes(text)));
}

Subprotocol choose_subprotocol(std::string_view offered) {
  const std::string ours = mw::format("manyworlds.{}", kProtocolVersion);
  constexpr std::string_view kPrefix = "manyworlds.";
  Subprotocol result;
  bool any = false;
  while (!offered.empty()) {
    const auto comma = offered.find(',');
    std::string_view item = offered.substr(0, comma);
    offered = comma == std::string_view::npos ? std::string_view() : offered.substr(comma + 1);
    while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
    while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) item.remove_suffix(1);
    if (item.empty()) continue;
    any = true;
    if (item == ours) return {ours, true, true};
    const bool version = item.size() > kPrefix.size() && item.substr(0, kPrefix.size()) == kPrefix &&
                         item.find_first_not_of("0123456789", kPrefix.size()) == std::string_view::npos;
    if (version && result.chosen.empty()) result = {std::string(item), false, true};
  }
  if (any && result.chosen.empty()) result.acceptable = false;
  return result;
}

}  // namespace mw::edge
