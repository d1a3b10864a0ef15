// Many visitors in one thread: each opens a session, enters a world, subscribes to its poses and walks, sending claims as a
// browser does. A sampled share decodes what it gets with the browser's codec and compares it with the truth.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "bench/link.h"
#include "bench/trace.h"
#include "data/json.h"
#include "wire/poses.h"

namespace mw::bench {

struct SwarmOptions {
  Address address;
  std::string world;
  std::size_t clients = 1;
  std::size_t sampled = 4;  // how many decode everything
  int claims_hz = 20;
  Trace trace = Trace::walk;
  float side_m = 100;  // of the square that they walk in, around where they enter
  bool spread =
      false;  // ask to enter spread over that square, where the world lets them (everybody else walks from the spawn)
  std::uint64_t seed = 1;
  std::string name = "Bot";
  bool raw = false;  // no calls at all: inside as soon as the connection is open (for the floor)
};

struct SwarmStats {
  std::uint64_t pose_frames = 0;  // received by all clients
  std::uint64_t bytes = 0;  // of binary messages received by all clients
  std::uint64_t sampled_poses = 0;  // decoded by the sampled ones
  std::uint64_t sampled_bytes = 0;  // of their pose frames
  std::uint64_t claims = 0;  // sent
  std::uint64_t corrections = 0;  // received by the sampled ones
  std::uint64_t undecodable = 0;  // frames that the codec refused, other than those of a group not yet opened
  std::uint64_t unmatched = 0;  // poses that equal none of the last claims of that person
  std::vector<std::uint32_t> frame_sizes;  // of the binary messages of the first client, in order
  std::vector<float> ages_ms;  // of decoded poses: now minus the time at which that claim was sent
};

class Swarm {
 public:
  explicit Swarm(const SwarmOptions& options);
  ~Swarm();

  // Opens connections at `per_second` until all are inside or `timeout_s` is over.
  Status join(double per_second, double timeout_s);
  // Walks for `seconds`; with `count` the statistics of this time are kept.
  SwarmStats walk(double seconds, bool count);

  std::size_t inside() const { return inside_; }
  std::size_t lost() const { return lost_; }
  const std::string& last_problem() const { return problem_; }

 private:
  struct Sent {
    std::int32_t x_cm, z_cm;
    double time;
  };
  struct Bot {
    std::unique_ptr<Link> link;
    Walker walker;
    bool inside = false;
    bool registered_write = false;
    bool sampled = false;
    std::uint8_t epoch = 0;
    std::uint16_t sequence = 0;
    std::uint32_t entity = 0, track = 0;
    float y = 0;
    std::deque<Sent> sent{};  // the newest last, at most kSentKept
    std::unique_ptr<wire::PoseDecoder> decoder{};
  };

  void opened(Bot& bot);
  void text(Bot& bot, std::string_view json);
  void entered(Bot& bot, const Json& world);
  void binary(Bot& bot, std::size_t size, ByteView payload);
  void correct(Bot& bot, ByteView frame);
  void take_poses(Bot& bot);
  void send_claim(Bot& bot, double now);
  void poll(int timeout_ms);
  void watch(Bot& bot);
  void call(Bot& bot, int id, std::string_view method, Json params);

  SwarmOptions options_;
  SSL_CTX* tls_ = nullptr;
  int epoll_ = -1;
  Link::Events events_;
  std::vector<Bot> bots_;
  std::unordered_map<std::uint32_t, std::size_t> by_entity_;
  std::size_t inside_ = 0, lost_ = 0;
  std::string problem_;
  SwarmStats stats_;
  double started_ = 0;
  std::uint64_t slot_ = 0;  // of 1 ms, since the start of the walk
};

}  // namespace mw::bench
