// An event loop on a thread of its own: posted work, timers, sockets (platform/reactor.h). What belongs to a loop is
// touched on its thread only; others post.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "platform/reactor.h"

namespace mw::runtime {

class Loop {
 public:
  explicit Loop(std::string name);  // as the thread is called in top and in logs; at most 15 characters
  ~Loop();                          // stops and joins
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Starts the thread; `core` >= 0 pins it (a core that the machine lacks is ignored), `niceness` > 0 lets other threads go
  // first where they share a core.
  void start(int core = -1, int niceness = 0);
  // Ends the thread once what runs now is done, and joins it. What is posted and not yet run is dropped. Not from within.
  void stop();

  // Any thread. Bounded by its callers: whoever posts answers for how often. Allocates; not for hot paths (use an SpscRing
  // and a platform::Wake).
  void post(std::function<void()> work);
  // Posts and waits until it ran; at once when called on the loop. False when the loop does not run.
  bool run_and_wait(const std::function<void()>& work);

  bool on_loop() const;  // is this the loop's thread
  platform::Reactor& reactor() { return reactor_; }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  platform::Reactor reactor_;
  std::thread thread_;
};

}  // namespace mw::runtime
