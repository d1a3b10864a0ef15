// Many visitors in one thread: each opens a session, enters a world, subscribes to its poses and walks, sending claims as a
// browser does. A sampled share decodes what it gets with the browser's codec, draws it as a browser does and compares with
// the truth (sight.h). On request what they send and see is held back for a while, as a network does, their claims are
// driven by error, and some stop reading.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/link.h"
#include "bench/sight.h"
#include "bench/trace.h"
#include "data/json.h"
#include "wire/claim.h"

namespace mw::bench {

// When a claim is sent. Reckoned: when the last claim, prolonged along its velocity, is off by kReckonedM or kReckonedTurn,
// or kReckonedSilence has passed; at most 20 times a second (dead reckoning; Roberts et al. 2005).
enum class Input : std::uint8_t { every_step, reckoned };
inline constexpr float kReckonedM = 0.04f;
inline constexpr float kReckonedTurn = 0.12f;  // radians
inline constexpr double kReckonedSilence = 0.5;  // s; the host shows a walker as standing after 0.6 s without news

struct SwarmOptions {
  Address address;
  std::string world;
  std::size_t clients = 1;
  std::size_t sampled = 4;  // how many decode everything and look
  int claims_hz = 20;
  Input input = Input::every_step;
  Trace trace = Trace::walk;
  float side_m = 100;  // of the square that they walk in, around where they enter
  bool spread = false;  // the square lies around the origin, wherever they enter
  double delay_s = 0;  // that each message to and from a client is held back, each way
  std::uint64_t seed = 1;
  std::string name = "Bot";
  bool raw = false;  // no calls at all: inside as soon as the connection is open (for the floor)
};

struct SwarmStats {
  std::uint64_t messages = 0;  // with poses, received by all clients
  std::uint64_t bytes = 0;  // of binary messages received by all clients
  std::uint64_t sampled_poses = 0;  // learned by the sampled ones
  std::uint64_t sampled_bytes = 0;  // of their frames of poses, headers included
  std::uint64_t claims = 0;  // sent
  std::uint64_t corrections = 0;  // received
  std::uint64_t undecodable = 0;  // frames that the codec refused
  std::uint64_t dropped = 0;  // messages that found the queue of held ones full
  Sight sight, stalled;  // of sampled clients that read, and of those that do not
  Distribution arrival_ms;  // of messages with poses at all clients that read: since the tick began
  Distribution late_ms;  // how late this load was with its claims: over some 10 ms it measures itself
  // Bytes in each 50 ms of the walk, for each client: what the floor repeats.
  std::vector<std::vector<std::uint32_t>> slots;
};

class Swarm {
 public:
  explicit Swarm(const SwarmOptions& options);
  ~Swarm();

  // Opens connections at `per_second` until all are inside or `timeout_s` is over; `meanwhile` runs again and again.
  Status join(double per_second, double timeout_s, const std::function<void()>& meanwhile = {});
  // Walks for `seconds`, and returns the statistics of this time. `record` keeps the bytes of each slot.
  SwarmStats walk(double seconds, bool record = false);
  // One client in so many stops reading, or all read again; 0: all read. Sampled ones among them, if there are enough.
  void stall(std::size_t one_in);
  // Seconds until all that were stalled know everything as of 0.15 s ago or newer; negative: not within `timeout_s`.
  double recover(double timeout_s);

  std::size_t inside() const { return inside_; }
  std::size_t lost() const { return lost_; }
  const std::string& last_problem() const { return problem_; }
  const Truth& truth() const { return truth_; }
  double clock_error_ms() const { return host_clock_.round_trip() * 500; }
  // How many people the first sampled client sees: by themselves, or counted in an aggregate.
  std::size_t seen() const {
    if (!bots_.front().eye) return 0;
    const wire::Picture& picture = bots_.front().eye->picture();
    std::size_t people = picture.size();
    for (const auto& [track, aggregate] : picture.aggregates()) people += aggregate.count;
    return people;
  }

 private:
  struct Bot {
    std::unique_ptr<Link> link;
    Walker walker;
    bool inside = false;
    bool registered_write = false;
    bool stalled = false;
    std::uint8_t epoch = 0;
    std::uint16_t sequence = 0;
    std::uint32_t entity = 0;
    float y = 0;
    wire::PoseClaim claimed{};  // the last one
    double claimed_at = -1;
    std::unique_ptr<Eye> eye{};  // of a sampled one
    std::uint32_t pings = 0;
    double ping_made = 0, ping_sent = 0;
  };
  struct Held {
    double due;
    std::size_t bot;
    Bytes message;
  };

  void opened(Bot& bot);
  void text(Bot& bot, std::string_view json);
  void entered(Bot& bot, const Json& world);
  void binary(Bot& bot, std::size_t size, ByteView payload);
  void correct(Bot& bot, ByteView frame);
  void see(Bot& bot, ByteView message, double now);
  void see_clock(Bot& bot, ByteView frame, double now);
  bool claim_due(const Bot& bot, const Mover& mover, double now) const;
  void step(Bot& bot, double moment, double now);
  void send(Bot& bot, Bytes message, double now);
  void hold(std::deque<Held>& queue, Held held);
  void release(double now);
  void run_slot(std::uint64_t slot, double now);
  void ping(Bot& bot, double now);
  void poll(int timeout_ms);
  void watch(Bot& bot, bool changed = false);
  void call(Bot& bot, int id, std::string_view method, Json params);
  double period() const { return 1.0 / options_.claims_hz; }

  SwarmOptions options_;
  SSL_CTX* tls_ = nullptr;
  int epoll_ = -1;
  Link::Events events_;
  std::vector<Bot> bots_;
  Truth truth_;
  TickClock host_clock_;
  std::deque<Held> up_, down_;  // in order of time; at most kHeldPerClient for each client
  std::size_t inside_ = 0, lost_ = 0;
  std::string problem_;
  SwarmStats stats_;
  double started_ = 0, recorded_ = 0;
  bool record_ = false;
  std::uint64_t slot_ = 0;  // of 1 ms, since the start of the walk
};

}  // namespace mw::bench
