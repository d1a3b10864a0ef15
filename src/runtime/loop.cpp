#include "runtime/loop.h"

#include <condition_variable>
#include <mutex>

#include "base/assert.h"
#include "platform/process.h"

namespace mw::runtime {

Loop::Loop(std::string name) : name_(std::move(name)) {}
Loop::~Loop() { stop(); }

void Loop::start(int core, int niceness) {
  MW_ASSERT(!thread_.joinable());
  thread_ = std::thread([this, core, niceness] {
    platform::name_thread(name_);
    if (niceness > 0) platform::nice_thread(niceness);
    if (core >= 0) platform::pin_thread(core);
    reactor_.run();
  });
}

void Loop::stop() {
  if (!thread_.joinable()) return;
  MW_ASSERT(!on_loop());
  reactor_.stop();
  thread_.join();
}

void Loop::post(std::function<void()> work) { reactor_.post(std::move(work)); }

bool Loop::run_and_wait(const std::function<void()>& work) {
  if (on_loop()) {
    work();
    return true;
  }
  if (!thread_.joinable()) return false;
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  reactor_.post([&] {
    work();
    const std::lock_guard lock(mutex);  // held while notifying: the waiter owns both and leaves once it sees `done`
    done = true;
    changed.notify_one();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return done; });
  return true;
}

bool Loop::on_loop() const { return thread_.get_id() == std::this_thread::get_id(); }

}  // namespace mw::runtime
