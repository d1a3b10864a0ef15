#include "platform/reactor.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "platform/clock.h"
#include "platform/reactor_impl.h"

namespace mw::platform {

namespace asio = boost::asio;
using boost::system::error_code;

Reactor::Reactor() : impl_(std::make_unique<Impl>()) {}
Reactor::~Reactor() = default;

void Reactor::run() {
  const auto work = asio::make_work_guard(impl_->context);
  impl_->context.run();
}
void Reactor::stop() { impl_->context.stop(); }
void Reactor::post(std::function<void()> work) { asio::post(impl_->context, std::move(work)); }

struct Timer::Impl : std::enable_shared_from_this<Timer::Impl> {
  Impl(asio::io_context& context, std::function<void()> call) : timer(context), callback(std::move(call)) {}

  void arm(std::chrono::steady_clock::time_point when) {
    const std::uint64_t mine = ++arming;
    timer.expires_at(when);
    timer.async_wait(placed(memory, [self = shared_from_this(), mine](const error_code& error) {
      if (!error && self->arming == mine && self->callback) self->callback();
    }));
  }

  asio::steady_timer timer;
  OperationMemory memory;
  std::function<void()> callback;
  std::uint64_t arming = 0;  // a wait that expired just before it was replaced must not call
};

Timer::Timer(Reactor& reactor, std::function<void()> callback)
    : impl_(std::make_shared<Impl>(reactor.impl().context, std::move(callback))) {}
Timer::~Timer() {
  cancel();
  impl_->callback = nullptr;
}
void Timer::after(std::chrono::nanoseconds delay) { impl_->arm(std::chrono::steady_clock::now() + delay); }
void Timer::at_ns(std::int64_t monotonic_ns) {
  static_assert(std::chrono::steady_clock::period::den == 1'000'000'000);  // and both are CLOCK_MONOTONIC
  impl_->arm(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(monotonic_ns)));
}
void Timer::cancel() {
  ++impl_->arming;
  impl_->timer.cancel();
}

struct Wake::Impl : std::enable_shared_from_this<Wake::Impl> {
  Impl(asio::io_context& context, std::function<void()> call)
      : event(context, ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), callback(std::move(call)) {}

  void wait() {
    event.async_wait(asio::posix::descriptor_base::wait_read,
                     placed(memory, [self = shared_from_this()](const error_code& error) {
                       if (error || !self->callback) return;
                       std::uint64_t count = 0;
                       [[maybe_unused]] const auto got = ::read(self->event.native_handle(), &count, sizeof count);
                       // Cleared before the callback looks: a notification from here on wakes again.
                       self->pending.exchange(false, std::memory_order_acq_rel);
                       self->callback();
                       if (self->callback) self->wait();
                     }));
  }

  asio::posix::stream_descriptor event;
  OperationMemory memory;
  std::function<void()> callback;
  std::atomic<bool> pending{false};
};

Wake::Wake(Reactor& reactor, std::function<void()> callback)
    : impl_(std::make_shared<Impl>(reactor.impl().context, std::move(callback))) {
  impl_->wait();
}
Wake::~Wake() {
  impl_->callback = nullptr;
  error_code ignored;
  impl_->event.close(ignored);
}
void Wake::notify() noexcept {
  if (impl_->pending.exchange(true, std::memory_order_acq_rel)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto put = ::write(impl_->event.native_handle(), &one, sizeof one);
}

}  // namespace mw::platform
