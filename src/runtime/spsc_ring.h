// A bounded ring from one producing thread to one consuming thread, without locks (Lamport's queue, each side caching the
// other's index: Lê et al., "Correct and Efficient Bounded FIFO Queues", 2013). Elements are assigned in place: after
// construction it never allocates. When full, push says so and the caller decides.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace mw::runtime {

template <class T>
class SpscRing {
 public:
  // `capacity` is a power of two.
  explicit SpscRing(std::size_t capacity) : slots_(capacity), mask_(capacity - 1) {
    MW_ASSERT(std::has_single_bit(capacity));
  }

  // Producer. Takes `value` only when it returns true: otherwise the ring is full and `value` is as it was.
  bool push(T&& value) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_seen_ > mask_) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (tail - head_seen_ > mask_) return false;
    }
    slots_[tail & mask_] = std::move(value);
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }
  bool push(const T& value) { return push(T(value)); }

  // Consumer. False: empty.
  bool pop(T& out) {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_seen_) {
      tail_seen_ = tail_.load(std::memory_order_acquire);
      if (head == tail_seen_) return false;
    }
    out = std::move(slots_[head & mask_]);
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  // Either side; exact on neither while both run.
  std::size_t size() const { return tail_.load(std::memory_order_acquire) - head_.load(std::memory_order_acquire); }
  std::size_t capacity() const { return mask_ + 1; }

 private:
  std::vector<T> slots_;
  const std::size_t mask_;
  alignas(64) std::atomic<std::size_t> head_{0};  // of the consumer
  std::size_t tail_seen_ = 0;
  alignas(64) std::atomic<std::size_t> tail_{0};  // of the producer
  std::size_t head_seen_ = 0;
};

}  // namespace mw::runtime
