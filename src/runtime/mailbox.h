// A bounded mailbox from any threads to one: a lock, two vectors that keep their capacity, and a wake-up when the first
// letter arrives. For calls and events; what runs every tick uses an SpscRing.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace mw::runtime {

template <class T>
class Mailbox {
 public:
  // `wake` is called (on the sender's thread, outside the lock) when the mailbox stops being empty: a platform::Wake's notify.
  Mailbox(std::size_t capacity, std::function<void()> wake) : capacity_(capacity), wake_(std::move(wake)) {}

  // Any thread. False: full, nothing was taken; the sender must refuse, drop or close, as its own policy says.
  bool push(T letter) { return put(std::move(letter), capacity_); }
  // For letters that must arrive and that something else bounds (a session's end is bounded by its beginning).
  void push_always(T letter) { put(std::move(letter), static_cast<std::size_t>(-1)); }

  // The receiving thread. Swaps all letters into `out`, whose old content is destroyed and whose capacity is reused.
  void take(std::vector<T>& out) {
    out.clear();
    const std::lock_guard lock(mutex_);
    letters_.swap(out);
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return letters_.size();
  }

 private:
  bool put(T&& letter, std::size_t bound) {
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      if (letters_.size() >= bound) return false;
      first = letters_.empty();
      letters_.push_back(std::move(letter));
    }
    if (first && wake_) wake_();
    return true;
  }

  const std::size_t capacity_;
  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::vector<T> letters_;
};

}  // namespace mw::runtime
