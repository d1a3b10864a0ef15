// One thread's event loop over Boost.Asio's io_context: posted work, timers, wake-ups. Sockets are in tcp.h. Asio stays
// inside the .cpp files. Everything that hangs on a Reactor must be destroyed before it, on its thread or after it ended.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace mw::platform {

class Reactor {
 public:
  Reactor();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  void run();  // serves events until stop(); the calling thread becomes the reactor's
  void stop();  // any thread
  void post(std::function<void()> work);  // any thread; runs on the reactor's thread, in order

  struct Impl;  // for platform's own files
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// Calls back once per arming. Thread: the reactor's. Arming again replaces what was armed. Re-arming does not allocate.
class Timer {
 public:
  Timer(Reactor& reactor, std::function<void()> callback);
  ~Timer();  // no call afterwards
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void after(std::chrono::nanoseconds delay);
  void at_ns(std::int64_t monotonic_ns);  // of platform::monotonic_ns(); the past means at once
  void cancel();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// Lets other threads wake the reactor without a lock or an allocation (an eventfd). Many notifications before the
// callback runs are one. What the notifier wrote before notify() is seen by the callback.
class Wake {
 public:
  Wake(Reactor& reactor, std::function<void()> callback);  // on the reactor's thread, or before it runs
  ~Wake();
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  void notify() noexcept;  // any thread, while the Wake lives

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace mw::platform
