// Which sockets of one reactor can be read or written now: an epoll set of its own beneath Asio's. Asio's stream sockets ask the
// kernel twice for each message that comes, because before they wait they try a read that finds nothing; at 100,000 claims a
// second that is a tenth of a core, and Asio's own queue another. Here a message costs one `recv`, and a hundred one `epoll_wait`.
// Level-triggered: what was not read is told again, after all others had their turn.
// Thread: the reactor's, or before it runs. Not for other folders.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <vector>

namespace mw::platform {

class Poller {
 public:
  class Watcher {
   public:
    // `events`: EPOLLIN, EPOLLOUT of what is wanted; EPOLLERR and EPOLLHUP also unasked, again and again until it is removed.
    virtual void ready(std::uint32_t events) = 0;

   protected:
    ~Watcher() = default;
  };
  using Slot = std::uint32_t;

  explicit Poller(boost::asio::io_context& context);
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // The descriptor stays open and the watcher alive until `remove`.
  Slot add(int descriptor, Watcher& watcher, std::uint32_t events);
  void change(Slot slot, int descriptor, std::uint32_t events);
  void remove(Slot slot, int descriptor);  // also from within ready(); nothing is told afterwards

 private:
  struct Entry {
    Watcher* watcher = nullptr;
    std::uint32_t generation = 0;  // tells an event of a socket from those of the one that had the slot before
  };
  static constexpr std::size_t kEvents = 128;  // between two turns of the reactor's other work

  void wait();
  void turn();
  void control(int operation, int descriptor, Slot slot, std::uint32_t events);

  boost::asio::posix::stream_descriptor set_;
  std::vector<Entry> entries_;
  std::vector<Slot> free_;
  std::array<epoll_event, kEvents> ready_{};
};

}  // namespace mw::platform
