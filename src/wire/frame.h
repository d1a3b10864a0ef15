// The frame header of every binary message from the host (schema/frames.md). A WebSocket message holds one or more frames,
// one after the other; each states its length, so that a reader skips kinds that it does not know.
//
//   kind u8 | track varint | group varint | sequence varint | length varint | payload
//
// What clients send is smaller still: one bare claim or ping for each message (wire/claim.h), told by its first byte.
// Compiled native and to WebAssembly: integers only, no allocation but in the vectors given.
// Thread: pure functions.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace mw::wire {

enum class FrameKind : std::uint8_t {
  // host to client
  pose_keyframe = 1,  // opens a group of a poses track
  pose_delta = 2,  // depends on its group's keyframe alone
  events = 3,  // an ordered track: a JSON array of events
  correction = 4,  // for this session alone; track, group and sequence are 0
  clock = 5,  // answer to a clock ping; track, group and sequence are 0
  pose_aggregate = 6,  // how many there are in a cell, and how they move (wire/aggregate.h)
  pose_rekey = 7,  // another encoding of a keyframe: decodes from the keyframe of the group before
  pose_end = 8,  // nothing more comes of this poses track; group, sequence and length are 0
  // client to host, bare
  pose_claim = 16,
  clock_ping = 17,
};

struct FrameHeader {
  FrameKind kind{};  // may be a number without a name here: a newer host's
  std::uint32_t track = 0, group = 0, sequence = 0;
  std::uint32_t length = 0;  // of the payload, bytes; at most limits::kDownstreamFrameBytes
};

struct FrameView {
  FrameHeader header;
  ByteView payload;
};

inline constexpr std::size_t kFrameHeaderBytesMax = 1 + 4 * 5;

// Appends header and payload to `out`; the length is the payload's, whatever the header says.
void append_frame(Bytes& out, const FrameHeader& header, ByteView payload);

// Reads the first frame and moves `rest` behind it; leaves `rest` alone on an error. Errors (`invalid`, naming the
// field): truncated, a varint over 32 bits, a length over the bytes there; `too_large` over the limit.
Result<FrameView> read_frame(ByteView& rest);

// LEB128, unsigned, at most 5 bytes for 32 bits. Returns nullopt on truncation or overflow, and then leaves `rest` alone.
void append_varint(Bytes& out, std::uint32_t value);
std::optional<std::uint32_t> read_varint(ByteView& rest);

}  // namespace mw::wire
