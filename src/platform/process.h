// What the host asks of its process: signals, threads, descriptors, memory.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/reactor.h"

namespace mw::platform {

// A peer that goes away must be an error value, never a signal. Call once, early; the sockets here do it too.
void ignore_broken_pipes();

// Calls back on the reactor's thread for each of SIGTERM, SIGINT (stop) and SIGHUP (reload) that arrives.
class Signals {
 public:
  enum class Kind { stop, reload };
  Signals(Reactor& reactor, std::function<void(Kind)> callback);
  ~Signals();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

int cores();                             // that this process may use
bool pin_thread(int core);               // the calling thread; false when there is no such core
// The calling thread steps back for the others (nice(2), which Linux keeps for each thread), by so many steps of 19.
// Its niceness then; nothing when the system refused.
std::optional<int> nice_thread(int more);
void name_thread(const std::string& name);  // the calling thread, at most 15 characters
std::size_t raise_descriptor_limit();    // soft limit to the hard one; returns it
std::uint64_t resident_bytes();          // of this process
std::uint64_t open_descriptors();        // of this process
std::string executable_path();           // of the running program
std::string host_name();
std::vector<std::string> addresses();    // of this machine's interfaces that are up, without loopback; IPv4 first
bool is_terminal(int descriptor);
bool is_root();

}  // namespace mw::platform
