// What a client says about itself, at most 20 times a second: where it is; and what the host answers to it alone. The host
// judges each claim by the rules of movement (motion/). Bytes: schema/frames.md. What clients send is bare (its first byte
// is the kind); what the host sends are complete frames with the frame header (wire/frame.h).
// Compiled native and to WebAssembly. Thread: pure functions.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace mw::wire {

// Gestures that a visitor chooses; gait (idle, walk, run, jump) follows from the motion itself.
enum class Gesture : std::uint8_t { none = 0, sit = 1, wave = 2, cheer = 3, clap = 4, count = 5 };

struct PoseClaim {
  std::uint8_t epoch = 0;  // counts enterings and corrections; a claim of an older epoch is ignored
  std::uint16_t sequence = 0;  // of claims; wraps
  std::uint32_t time_ms = 0;  // the client's clock; wraps
  std::int32_t x_mm = 0, y_mm = 0, z_mm = 0;  // feet; y is up (glTF axes)
  std::int16_t vx_mm_s = 0, vy_mm_s = 0, vz_mm_s = 0;  // velocity
  std::uint16_t yaw = 0;  // body direction, 65536 steps a turn; 0 looks along +z, grows towards +x
  Gesture gesture = Gesture::none;
  bool grounded = true;
  friend bool operator==(const PoseClaim&, const PoseClaim&) = default;
};
inline constexpr std::size_t kPoseClaimBytes = 30;

struct ClockPing {
  std::uint32_t time_ms = 0;  // the client's clock, sent back unchanged
  friend bool operator==(const ClockPing&, const ClockPing&) = default;
};
inline constexpr std::size_t kClockPingBytes = 5;

// The host's answer to a ping: from it a client maps ticks to its own clock.
struct ClockAnswer {
  std::uint32_t time_ms = 0;  // of the ping
  std::uint32_t tick = 0;  // the host's newest tick
  std::uint32_t since_tick_us = 0;  // microseconds since that tick began
  friend bool operator==(const ClockAnswer&, const ClockAnswer&) = default;
};

// The host's answer to a claim that breaks the rules: be here, and count from this epoch.
enum class CorrectionReason : std::uint8_t { too_fast = 1, wall = 2, flying = 3, bounds = 4, placed = 5 };
struct Correction {
  std::uint8_t epoch = 0;
  std::uint16_t sequence = 0;  // of the claim that was refused
  CorrectionReason reason = CorrectionReason::placed;
  std::int32_t x_mm = 0, y_mm = 0, z_mm = 0;
  std::uint16_t yaw = 0;
  friend bool operator==(const Correction&, const Correction&) = default;
};

// Bare messages of a client. Decoding refuses (`invalid`, naming the field) wrong lengths, kinds, gestures, flags, and
// positions out of the extent of a world.
Bytes encode(const PoseClaim& claim);
Result<PoseClaim> decode_claim(ByteView message);
Bytes encode(const ClockPing& ping);
Result<ClockPing> decode_clock_ping(ByteView message);

// Complete frames of the host.
Bytes encode(const ClockAnswer& answer);
Result<ClockAnswer> decode_clock_answer(ByteView frame);
Bytes encode(const Correction& correction);
Result<Correction> decode_correction(ByteView frame);

}  // namespace mw::wire
