#include "tracks/frame.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <utility>

#include "base/assert.h"
#include "base/limits.h"

namespace mw::tracks {
namespace {

constexpr std::size_t kWebSocketHeaderRoom = 10;  // two bytes and a length of eight
constexpr std::size_t kSmallestCapacity = 256;
constexpr std::size_t kClasses = 16;  // capacities double from class to class
static_assert(FramePool::kComposedBytes >= limits::kDownstreamFrameBytes);
static_assert((kSmallestCapacity << (kClasses - 1)) > FramePool::kComposedBytes + kWebSocketHeaderRoom);

std::size_t class_of(std::size_t bytes) {
  return bytes <= kSmallestCapacity ? 0 : static_cast<std::size_t>(std::bit_width((bytes - 1) / kSmallestCapacity));
}

// Writes the header of an unmasked, final binary message so that it ends where the payload begins; returns its length.
std::size_t write_header(Byte* payload, std::size_t size) {
  constexpr Byte kFinalBinary = 0x82;
  if (size < 126) {
    payload[-2] = kFinalBinary;
    payload[-1] = static_cast<Byte>(size);
    return 2;
  }
  if (size < 65536) {
    payload[-4] = kFinalBinary;
    payload[-3] = 126;
    payload[-2] = static_cast<Byte>(size >> 8);
    payload[-1] = static_cast<Byte>(size);
    return 4;
  }
  payload[-10] = kFinalBinary;
  payload[-9] = 127;
  for (int i = 0; i < 8; ++i) payload[-8 + i] = static_cast<Byte>(static_cast<std::uint64_t>(size) >> (56 - 8 * i));
  return 10;
}

}  // namespace

ByteView Frame::payload() const { return ByteView(storage_).subspan(kWebSocketHeaderRoom); }
ByteView Frame::message() const { return ByteView(storage_).subspan(message_offset_); }

FrameRef::FrameRef(const FrameRef& other) : frame_(other.frame_) {
  if (frame_ != nullptr) frame_->references_.fetch_add(1, std::memory_order_relaxed);
}
FrameRef::FrameRef(FrameRef&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
FrameRef& FrameRef::operator=(FrameRef other) noexcept {
  std::swap(frame_, other.frame_);
  return *this;
}
FrameRef::~FrameRef() {
  if (frame_ != nullptr && frame_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
    frame_->pool_->release(frame_);
}

// Released frames wait in one stack that any thread pushes to; the maker takes the whole stack at once, so that no node is
// ever popped while another thread looks at it (no ABA), and sorts it by size.
struct FramePool::Lists {
  std::atomic<Frame*> released{nullptr};
  std::array<Frame*, kClasses> free{};
  std::array<std::size_t, kClasses> free_count{};
  std::size_t made = 0, alive = 0;

  void sort_released() {
    Frame* frame = released.exchange(nullptr, std::memory_order_acquire);
    while (frame != nullptr) {
      Frame* const next = frame->next_;
      const std::size_t size_class = class_of(frame->storage_.capacity());
      const std::size_t bytes = kSmallestCapacity << size_class;
      if ((free_count[size_class] + 1) * bytes > kFreeBytesPerClass) {
        delete frame;
        --alive;
      } else {
        frame->next_ = std::exchange(free[size_class], frame);
        ++free_count[size_class];
      }
      frame = next;
    }
  }
};

FramePool::FramePool() : lists_(new Lists) {}

FramePool::~FramePool() {
  lists_->sort_released();
  for (Frame* frame : lists_->free) {
    while (frame != nullptr) {
      --lists_->alive;
      delete std::exchange(frame, frame->next_);
    }
  }
  MW_ASSERT(lists_->alive == 0);  // a frame outlived its pool
  delete lists_;
}

FrameRef FramePool::make(const FrameInfo& info, ByteView payload) {
  MW_ASSERT(payload.size() <= limits::kDownstreamFrameBytes);
  return make(info, std::span<const ByteView>(&payload, 1));
}

FrameRef FramePool::make(const FrameInfo& info, std::span<const ByteView> pieces) {
  std::size_t size = 0;
  for (const ByteView piece : pieces) size += piece.size();
  MW_ASSERT(size <= kComposedBytes);
  Frame* const frame = take(info, size);
  Byte* out = frame->storage_.data() + kWebSocketHeaderRoom;
  for (const ByteView piece : pieces) {
    if (!piece.empty()) std::memcpy(out, piece.data(), piece.size());
    out += piece.size();
  }
  return FrameRef(frame);
}

// A frame with room for the payload, its header written.
Frame* FramePool::take(const FrameInfo& info, std::size_t payload_bytes) {
  const std::size_t bytes = kWebSocketHeaderRoom + payload_bytes;
  const std::size_t size_class = class_of(bytes);
  if (lists_->free[size_class] == nullptr) lists_->sort_released();
  Frame* frame = lists_->free[size_class];
  if (frame != nullptr) {
    lists_->free[size_class] = frame->next_;
    --lists_->free_count[size_class];
  } else {
    frame = new Frame;
    frame->pool_ = this;
    frame->storage_.reserve(kSmallestCapacity << size_class);
    ++lists_->made;
    ++lists_->alive;
  }
  frame->info_ = info;
  frame->storage_.resize(bytes);
  const std::size_t header = write_header(frame->storage_.data() + kWebSocketHeaderRoom, payload_bytes);
  frame->message_offset_ = static_cast<std::uint32_t>(kWebSocketHeaderRoom - header);
  frame->references_.store(1, std::memory_order_relaxed);
  return frame;
}

std::size_t FramePool::frames_allocated() const { return lists_->made; }

void FramePool::release(Frame* frame) noexcept {
  Frame* head = lists_->released.load(std::memory_order_relaxed);
  do {
    frame->next_ = head;
  } while (!lists_->released.compare_exchange_weak(head, frame, std::memory_order_release, std::memory_order_relaxed));
}

}  // namespace mw::tracks
