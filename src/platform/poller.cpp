#include "platform/poller.h"

#include <cerrno>
#include <utility>

#include "base/assert.h"

namespace mw::platform {

Poller::Poller(boost::asio::io_context& context) : set_(context, ::epoll_create1(EPOLL_CLOEXEC)) { wait(); }

Poller::~Poller() = default;

void Poller::wait() {
  set_.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;  // the reactor goes
    turn();
    wait();
  });
}

void Poller::turn() {
  const int count = ::epoll_wait(set_.native_handle(), ready_.data(), static_cast<int>(ready_.size()), 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = ready_[static_cast<std::size_t>(i)];
    const Entry entry = entries_[static_cast<Slot>(event.data.u64)];
    // One that came before it may have closed this one, and a new one may have its slot.
    if (entry.watcher != nullptr && entry.generation == event.data.u64 >> 32) entry.watcher->ready(event.events);
  }
}

void Poller::control(int operation, int descriptor, Slot slot, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = std::uint64_t{entries_[slot].generation} << 32 | slot;
  const int failed = ::epoll_ctl(set_.native_handle(), operation, descriptor, &event);
  MW_ASSERT(failed == 0 || errno == ENOMEM || errno == ENOSPC);
}

Poller::Slot Poller::add(int descriptor, Watcher& watcher, std::uint32_t events) {
  if (free_.empty()) {
    free_.push_back(static_cast<Slot>(entries_.size()));
    entries_.emplace_back();
  }
  const Slot slot = free_.back();
  free_.pop_back();
  entries_[slot].watcher = &watcher;
  control(EPOLL_CTL_ADD, descriptor, slot, events);
  return slot;
}

void Poller::change(Slot slot, int descriptor, std::uint32_t events) {
  control(EPOLL_CTL_MOD, descriptor, slot, events);
}

void Poller::remove(Slot slot, int descriptor) {
  control(EPOLL_CTL_DEL, descriptor, slot, 0);
  entries_[slot].watcher = nullptr;
  ++entries_[slot].generation;
  free_.push_back(slot);
}

}  // namespace mw::platform
