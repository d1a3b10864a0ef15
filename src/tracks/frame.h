// A frame: the bytes that a publisher encoded once and every subscriber receives as they are. Immutable after
// publication, counted per edge loop that holds it (never per subscriber), and recycled by its pool, so that the tick does
// not allocate after warm-up. The bytes already carry the frame header of schema/frames.md, and in front of them stands
// room for a WebSocket header, so that one send() of one contiguous range is all a subscriber costs.
// Thread: made on the world's loop, read on every loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/ids.h"

namespace mw::tracks {

enum class TrackKind : std::uint8_t {
  latest,  // what is stale is dropped; a subscriber has one pending slot
  ordered,  // nothing is dropped; who cannot keep up is cut off and resumes from a snapshot
};

struct FrameInfo {
  TrackId track;
  std::uint32_t group = 0;  // starts at 1; a group opens with a keyframe (latest tracks)
  std::uint32_t sequence =
      0;  // within the group for latest tracks (0 is the keyframe); within the track for ordered ones
  bool keyframe = false;
};

class FramePool;

// One frame. `message()` is a complete WebSocket message (header and payload) as sent to a browser.
class Frame {
 public:
  const FrameInfo& info() const { return info_; }
  ByteView payload() const;  // the frame of schema/frames.md
  ByteView message() const;  // the same behind an unmasked binary WebSocket header (RFC 6455, 5.2)

 private:
  friend class FramePool;
  friend class FrameRef;
  FrameInfo info_;
  std::uint32_t message_offset_ = 0;
  Bytes storage_;  // kWebSocketHeaderRoom bytes, then the payload; capacity is kept for the next use
  Frame* next_ = nullptr;  // in a list of the pool
  std::atomic<std::uint32_t> references_{0};
  FramePool* pool_ = nullptr;
};

// Owns one reference. Copying is an atomic increment: do it per loop, not per subscriber.
class FrameRef {
 public:
  FrameRef() = default;
  FrameRef(const FrameRef& other);
  FrameRef(FrameRef&& other) noexcept;
  FrameRef& operator=(FrameRef other) noexcept;
  ~FrameRef();
  explicit operator bool() const { return frame_ != nullptr; }
  const Frame& operator*() const { return *frame_; }
  const Frame* operator->() const { return frame_; }

 private:
  friend class FramePool;
  explicit FrameRef(Frame* adopted) : frame_(adopted) {}
  Frame* frame_ = nullptr;
};

// Recycles frames. `make` copies the payload (one or more complete frames of schema/frames.md, at most
// limits::kDownstreamFrameBytes) once; after warm-up it does not allocate (frames of similar size come back). What lies unused
// is bounded: at most kFreeBytesPerClass in each class of size.
// Thread: `make` on one loop; release from any loop (a lock-free list). The pool outlives its frames.
class FramePool {
 public:
  static constexpr std::size_t kFreeBytesPerClass = 4u << 20;
  FramePool();
  ~FramePool();
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;
  FrameRef make(const FrameInfo& info, ByteView payload);
  // The pieces one after the other, together at most kComposedBytes: what the hub gathers for one viewer.
  static constexpr std::size_t kComposedBytes = 4u << 20;
  FrameRef make(const FrameInfo& info, std::span<const ByteView> pieces);
  std::size_t frames_allocated() const;  // ever, for the proof that warm-up ends

 private:
  friend class FrameRef;
  Frame* take(const FrameInfo& info, std::size_t payload_bytes);
  void release(Frame* frame) noexcept;
  struct Lists;
  Lists* lists_;
};

}  // namespace mw::tracks
