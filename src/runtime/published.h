// The newest of something that one thread makes anew and others show: a pointer to a value that never changes. Not
// std::atomic<std::shared_ptr>: its `load` in libstdc++ 12 unlocks without release (bits/shared_ptr_atomic.h), so that the next
// `store` races with it, and the thread sanitizer says so.
// Thread: any.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace mw::runtime {

template <class T>
class Published {
 public:
  using Pointer = std::shared_ptr<const T>;

  // Null before the first `store`.
  Pointer load() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void store(T value) {
    auto next = std::make_shared<const T>(std::move(value));
    const std::lock_guard lock(mutex_);  // gone before `next`, so what was there is freed outside of it
    value_.swap(next);
  }

 private:
  mutable std::mutex mutex_;
  Pointer value_;
};

}  // namespace mw::runtime
