#include "wire/frame.h"

#include "base/limits.h"

namespace mw::wire {

void append_varint(Bytes& out, std::uint32_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<Byte>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<Byte>(value));
}

std::optional<std::uint32_t> read_varint(ByteView& rest) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 5 && i < rest.size(); ++i) {
    const Byte byte = rest[i];
    if (i == 4 && byte > 0x0F) return std::nullopt;  // bits that 32 cannot hold
    value |= static_cast<std::uint32_t>(byte & 0x7F) << (7 * i);
    if (byte < 0x80) {
      rest = rest.subspan(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

void append_frame(Bytes& out, const FrameHeader& header, ByteView payload) {
  out.push_back(static_cast<Byte>(header.kind));
  append_varint(out, header.track);
  append_varint(out, header.group);
  append_varint(out, header.sequence);
  append_varint(out, static_cast<std::uint32_t>(payload.size()));
  out.insert(out.end(), payload.begin(), payload.end());
}

Result<FrameView> read_frame(ByteView& rest) {
  ByteView left = rest;
  if (left.empty()) return invalid("kind", "expected a frame, found no byte");
  FrameView frame;
  frame.header.kind = static_cast<FrameKind>(left[0]);
  left = left.subspan(1);
  const auto field = [&left](std::uint32_t& into) {
    const auto value = read_varint(left);
    if (value) into = *value;
    return value.has_value();
  };
  if (!field(frame.header.track)) return invalid("track", "expected a varint of at most 32 bits");
  if (!field(frame.header.group)) return invalid("group", "expected a varint of at most 32 bits");
  if (!field(frame.header.sequence)) return invalid("sequence", "expected a varint of at most 32 bits");
  if (!field(frame.header.length)) return invalid("length", "expected a varint of at most 32 bits");
  if (frame.header.length > limits::kDownstreamFrameBytes) {
    return Error{ErrorKind::too_large, "length", "a frame holds at most 1 MiB"};
  }
  if (frame.header.length > left.size()) return invalid("length", "the frame is longer than the bytes there");
  frame.payload = left.first(frame.header.length);
  rest = left.subspan(frame.header.length);
  return frame;
}

}  // namespace mw::wire
