// A child process under measurement: pinned to a core, with its processor time and memory.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace mw::bench {

class Process {
 public:
  // Runs a program with arguments; output goes to `log` (a file). `core` < 0 pins nothing.
  static Result<Process> start(const std::vector<std::string>& command, int core, const std::string& log);
  // Runs a function in a forked child.
  static Result<Process> fork_into(const std::function<void()>& body, int core);
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;
  ~Process();  // asks it to stop (SIGTERM), then waits, then insists

  double cpu_seconds() const;      // user and system, all threads
  std::uint64_t memory_bytes() const;  // resident set
  bool running() const;

 private:
  explicit Process(pid_t pid) : pid_(pid) {}
  pid_t pid_ = -1;
};

void pin_to_core(int core);        // the calling process
void raise_file_limit();           // as many sockets as the system lets us have
double monotonic_seconds();
double own_cpu_seconds();          // of the calling process, user and system
std::string directory_of_program();

}  // namespace mw::bench
