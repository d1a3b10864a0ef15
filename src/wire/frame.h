// The frame header of every binary message, both ways (schema/frames.md). A WebSocket message holds one or more frames,
// one after the other; each states its length, so that a reader skips kinds that it does not know.
//
//   kind u8 | track varint | group varint | sequence varint | length varint | payload
//
// Compiled native and to WebAssembly: integers only, no allocation but in the returned Bytes.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace mw::wire {

enum class FrameKind : std::uint8_t {
  // host to client
  pose_keyframe = 1,  // opens a group of a poses track
  pose_delta = 2,     // depends on its group's keyframe alone
  events = 3,         // an ordered track: a JSON array of events
  correction = 4,     // for this session alone; track, group and sequence are 0
  clock = 5,          // answer to a clock ping
  // client to host
  pose_claim = 16,
  clock_ping = 17,
};

struct FrameHeader {
  FrameKind kind{};
  std::uint32_t track = 0, group = 0, sequence = 0;
  std::uint32_t length = 0;  // of the payload, bytes
};

struct FrameView {
  FrameHeader header;
  ByteView payload;
};

// Appends header and payload to `out`.
void append_frame(Bytes& out, const FrameHeader& header, ByteView payload);

// Reads the first frame and moves `rest` behind it. Errors: truncated, a varint over 5 bytes, a length over the bytes there.
Result<FrameView> read_frame(ByteView& rest);

// LEB128, unsigned, at most 5 bytes for 32 bits. Returns nullopt on truncation or overflow.
void append_varint(Bytes& out, std::uint32_t value);
std::optional<std::uint32_t> read_varint(ByteView& rest);

}  // namespace mw::wire
