#include "wire/claim.h"

#include "space/units.h"
#include "wire/frame.h"
#include "wire/little_endian.h"

namespace mw::wire {
namespace {

constexpr Byte kGrounded = 1;

bool in_extent(std::int32_t mm) { return mm >= -space::kExtentMm && mm <= space::kExtentMm; }

// A message of a client: its kind and length, or what is wrong.
Status check_bare(ByteView message, FrameKind kind, std::size_t size) {
  if (message.empty() || message[0] != static_cast<Byte>(kind)) return invalid("kind", "not this kind of message");
  if (message.size() != size) return invalid("length", "this kind of message has another length");
  return ok();
}

// The payload of a frame that stands alone, or what is wrong.
Result<ByteView> sole_payload(ByteView frame, FrameKind kind, std::size_t size) {
  auto read = read_frame(frame);
  if (!read) return std::move(read).error();
  if (read->header.kind != kind) return invalid("kind", "not this kind of frame");
  if (read->payload.size() != size) return invalid("length", "this kind of frame has another length");
  if (!frame.empty()) return invalid("length", "bytes after the frame");
  return read->payload;
}

Bytes frame_of(FrameKind kind, const Bytes& payload) {
  Bytes out;
  out.reserve(kFrameHeaderBytesMax + payload.size());
  append_frame(out, FrameHeader{.kind = kind}, payload);
  return out;
}

constexpr std::size_t kClockAnswerPayload = 12;
constexpr std::size_t kCorrectionPayload = 18;

}  // namespace

Bytes encode(const PoseClaim& claim) {
  Bytes out;
  out.reserve(kPoseClaimBytes);
  out.push_back(static_cast<Byte>(FrameKind::pose_claim));
  append_le(out, claim.epoch);
  append_le(out, claim.sequence);
  append_le(out, claim.time_ms);
  append_le(out, claim.x_mm);
  append_le(out, claim.y_mm);
  append_le(out, claim.z_mm);
  append_le(out, claim.vx_mm_s);
  append_le(out, claim.vy_mm_s);
  append_le(out, claim.vz_mm_s);
  append_le(out, claim.yaw);
  append_le(out, static_cast<Byte>(claim.gesture));
  append_le(out, claim.grounded ? kGrounded : Byte{0});
  MW_ASSERT(out.size() == kPoseClaimBytes);
  return out;
}

Result<PoseClaim> decode_claim(ByteView message) {
  MW_TRY(check_bare(message, FrameKind::pose_claim, kPoseClaimBytes));
  LittleEndianReader in(message.subspan(1));
  PoseClaim claim;
  claim.epoch = in.take<std::uint8_t>();
  claim.sequence = in.take<std::uint16_t>();
  claim.time_ms = in.take<std::uint32_t>();
  claim.x_mm = in.take<std::int32_t>();
  claim.y_mm = in.take<std::int32_t>();
  claim.z_mm = in.take<std::int32_t>();
  claim.vx_mm_s = in.take<std::int16_t>();
  claim.vy_mm_s = in.take<std::int16_t>();
  claim.vz_mm_s = in.take<std::int16_t>();
  claim.yaw = in.take<std::uint16_t>();
  const Byte gesture = in.take<Byte>();
  const Byte flags = in.take<Byte>();
  if (!in_extent(claim.x_mm)) return invalid("x", "outside the extent of a world");
  if (!in_extent(claim.y_mm)) return invalid("y", "outside the extent of a world");
  if (!in_extent(claim.z_mm)) return invalid("z", "outside the extent of a world");
  if (gesture >= static_cast<Byte>(Gesture::count)) return invalid("gesture", "no such gesture");
  if ((flags & ~kGrounded) != 0) return invalid("flags", "bits 1 to 7 are reserved and must be 0");
  claim.gesture = static_cast<Gesture>(gesture);
  claim.grounded = flags == kGrounded;
  return claim;
}

Bytes encode(const ClockPing& ping) {
  Bytes out;
  out.reserve(kClockPingBytes);
  out.push_back(static_cast<Byte>(FrameKind::clock_ping));
  append_le(out, ping.time_ms);
  return out;
}

Result<ClockPing> decode_clock_ping(ByteView message) {
  MW_TRY(check_bare(message, FrameKind::clock_ping, kClockPingBytes));
  LittleEndianReader in(message.subspan(1));
  return ClockPing{in.take<std::uint32_t>()};
}

Bytes encode(const ClockAnswer& answer) {
  Bytes payload;
  payload.reserve(kClockAnswerPayload);
  append_le(payload, answer.time_ms);
  append_le(payload, answer.tick);
  append_le(payload, answer.since_tick_us);
  return frame_of(FrameKind::clock, payload);
}

Result<ClockAnswer> decode_clock_answer(ByteView frame) {
  auto payload = sole_payload(frame, FrameKind::clock, kClockAnswerPayload);
  if (!payload) return std::move(payload).error();
  LittleEndianReader in(*payload);
  ClockAnswer answer;
  answer.time_ms = in.take<std::uint32_t>();
  answer.tick = in.take<std::uint32_t>();
  answer.since_tick_us = in.take<std::uint32_t>();
  return answer;
}

Bytes encode(const Correction& correction) {
  Bytes payload;
  payload.reserve(kCorrectionPayload);
  append_le(payload, correction.epoch);
  append_le(payload, correction.sequence);
  append_le(payload, static_cast<Byte>(correction.reason));
  append_le(payload, correction.x_mm);
  append_le(payload, correction.y_mm);
  append_le(payload, correction.z_mm);
  append_le(payload, correction.yaw);
  return frame_of(FrameKind::correction, payload);
}

Result<Correction> decode_correction(ByteView frame) {
  auto payload = sole_payload(frame, FrameKind::correction, kCorrectionPayload);
  if (!payload) return std::move(payload).error();
  LittleEndianReader in(*payload);
  Correction correction;
  correction.epoch = in.take<std::uint8_t>();
  correction.sequence = in.take<std::uint16_t>();
  const Byte reason = in.take<Byte>();
  correction.x_mm = in.take<std::int32_t>();
  correction.y_mm = in.take<std::int32_t>();
  correction.z_mm = in.take<std::int32_t>();
  correction.yaw = in.take<std::uint16_t>();
  if (reason < static_cast<Byte>(CorrectionReason::too_fast) || reason > static_cast<Byte>(CorrectionReason::placed)) {
    return invalid("reason", "no such reason");
  }
  correction.reason = static_cast<CorrectionReason>(reason);
  return correction;
}

}  // namespace mw::wire
