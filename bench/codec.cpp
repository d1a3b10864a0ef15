#include "bench/codec.h"

#include <time.h>

#include <cmath>
#include <cstring>

#include "base/limits.h"
#include "crowd/publisher.h"
#include "motion/motion.h"
#include "motion/player.h"
#include "space/units.h"
#include "stage/stage.h"
#include "tracks/frame.h"
#include "wire/poses.h"

namespace mw::bench {
namespace {

// Processor time of this thread: what others do on the machine does not count. A reading costs a fraction of a microsecond,
// so whole frames and whole walks are measured, never single poses or steps.
class Stopwatch {
 public:
  void start() { start_ = now(); }
  void stop() { seconds_ += now() - start_; }
  double seconds() const { return seconds_; }

 private:
  static double now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  }
  double start_ = 0;
  double seconds_ = 0;
};

struct Crowd {
  stage::Stage stage;
  std::vector<Walker> walkers;

  explicit Crowd(const PosesOptions& options) : stage(options.people) {
    const float side = std::sqrt(static_cast<float>(options.people));  // one person for each square metre
    for (std::size_t i = 0; i < options.people; ++i) {
      walkers.emplace_back(options.trace, side, options.seed * 1'000'003 + i);
      stage.add(EntityId{static_cast<std::uint32_t>(i + 1)}, {}, true);
    }
    for (int i = 0; i < 30 * limits::kTickHz; ++i) step();
  }

  void step() {
    for (std::size_t i = 0; i < walkers.size(); ++i) {
      walkers[i].step(1.f / limits::kTickHz);
      const Mover& m = walkers[i].now();
      const bool moves = m.vx != 0 || m.vz != 0;
      stage.set(i, {{m.x, 0, m.z},
                    {m.vx, 0, m.vz},
                    space::yaw_from_radians(m.yaw),
                    moves ? wire::Animation::walk : wire::Animation::idle});
    }
  }

  std::vector<wire::MovingPose> poses() const {
    constexpr float kParts = space::kCentimetresPerMetre * wire::kVelocityParts / limits::kTickHz;
    std::vector<wire::MovingPose> out(walkers.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto at = stage.at(i);
      out[i].pose = {stage.entities()[i],
                     space::to_cm(at.position.x),
                     0,
                     space::to_cm(at.position.z),
                     space::yaw_to_8(at.yaw),
                     at.animation,
                     false};
      out[i].velocity.x = static_cast<std::int16_t>(space::nearest(at.velocity.x * kParts, 32'767));
      out[i].velocity.z = static_cast<std::int16_t>(space::nearest(at.velocity.z * kParts, 32'767));
    }
    return out;
  }
};

bool same(const std::vector<wire::Pose>& decoded, const std::vector<wire::MovingPose>& encoded) {
  if (decoded.size() != encoded.size()) return false;
  for (std::size_t i = 0; i < decoded.size(); ++i) {
    if (decoded[i] != encoded[i].pose) return false;
  }
  return true;
}

double floor_ns(const std::vector<wire::MovingPose>& poses) {
  constexpr std::size_t kRecord = 12;
  constexpr int kRounds = 200;
  Bytes out(poses.size() * kRecord);
  Stopwatch watch;
  unsigned sum = 0;
  for (int round = 0; round < kRounds; ++round) {
    watch.start();
    for (std::size_t i = 0; i < poses.size(); ++i) std::memcpy(&out[i * kRecord], &poses[i].pose.x_cm, kRecord);
    watch.stop();
    sum += out[static_cast<std::size_t>(round) % out.size()];
  }
  return watch.seconds() / kRounds / static_cast<double>(poses.size()) * 1e9 + (sum == 1 ? 1e-12 : 0);
}

}  // namespace

Result<Json> run_poses(const PosesOptions& options) {
  Crowd crowd(options);
  tracks::FramePool pool;
  crowd::Scratch scratch;
  crowd::PublisherStats published;
  crowd::Publisher publisher(TrackId{1}, wire::PoseLevel::full, pool, scratch, options.people);
  wire::PoseEncoder encoder;
  wire::PoseDecoder decoder;
  Bytes bytes;
  Stopwatch encoding, decoding, publishing;
  std::size_t total = 0, keys = 0;
  const auto ticks = static_cast<std::uint32_t>(options.seconds * limits::kTickHz);
  for (std::uint32_t tick = 0; tick < ticks; ++tick, crowd.step()) {
    const auto poses = crowd.poses();
    const std::uint32_t group = tick / limits::kGroupMaxTicks + 1;
    const bool key = tick % limits::kGroupMaxTicks == 0;
    encoding.start();
    if (key) {
      encoder.keyframe(tick, poses, bytes);
    } else if (!encoder.delta(tick, poses, bytes)) {
      return failure(ErrorKind::internal, "a walker went too far for a delta");
    }
    encoding.stop();
    total += bytes.size();
    if (key) keys += bytes.size();
    decoding.start();
    const Status decoded = key ? decoder.keyframe(group, bytes) : decoder.delta(group, bytes);
    decoding.stop();
    MW_TRY(decoded);
    if (!same(decoder.poses(), poses))
      return failure(ErrorKind::internal, "a frame did not decode to what was encoded");
    publishing.start();
    const auto frame = publisher.tick(tick, poses, 1, published);
    publishing.stop();
  }
  const double poses = static_cast<double>(options.people) * ticks;
  return Json{{"people", options.people},
              {"trace", options.trace == Trace::walk ? "walk" : "player"},
              {"seconds", options.seconds},
              {"bytes_per_pose", static_cast<double>(total) / poses},
              {"keyframe_bytes_per_pose", static_cast<double>(keys) / poses},
              {"encode_ns", encoding.seconds() / poses * 1e9},
              {"decode_ns", decoding.seconds() / poses * 1e9},
              {"publish_us", publishing.seconds() / ticks * 1e6},
              {"floor_ns", floor_ns(crowd.poses())}};
}

Result<Json> run_motion(const MotionOptions& options) {
  const motion::Rules rules;
  const Bytes baked = motion::bake(motion::make_course(options.seed, static_cast<float>(options.side_m)));
  Stopwatch loading, stepping, judging;
  loading.start();
  const auto triangles = motion::load_baked(baked);
  if (!triangles) return triangles.error();
  motion::CollisionWorld world;
  world.set_body(0, *triangles, {});
  loading.stop();
  std::size_t steps = 0, judged = 0, refused = 0;
  const auto count = static_cast<std::size_t>(options.seconds * limits::kMotionStepHz);
  constexpr std::size_t kStepsPerClaim = limits::kMotionStepHz / limits::kTickHz;
  for (std::size_t player = 0; player < options.players; ++player) {
    motion::Keys keys(options.seed * 1'000 + player);
    std::vector<motion::Input> inputs(count);
    for (auto& input : inputs) input = keys.next();
    std::vector<motion::State> states(count);
    motion::State state;
    stepping.start();
    for (std::size_t i = 0; i < count; ++i) states[i] = state = motion::step(state, inputs[i], rules, world);
    stepping.stop();
    motion::Record record = motion::place({}, rules);
    judging.start();
    for (std::size_t i = 0; i < count; i += kStepsPerClaim, ++judged) {
      motion::State claim = states[i];
      claim.position = motion::in_millimetres(claim.position);
      const auto judgement = motion::judge(record, claim, 1.f / limits::kTickHz, rules, world);
      refused += judgement.verdict != motion::Judgement::Verdict::accepted;
    }
    judging.stop();
    steps += count;
  }
  return Json{{"triangles", world.triangle_count()},
              {"steps", steps},
              {"step_us", stepping.seconds() / static_cast<double>(steps) * 1e6},
              {"judged", judged},
              {"judge_us", judging.seconds() / static_cast<double>(judged) * 1e6},
              {"refused", refused},
              {"bake_bytes", baked.size()},
              {"load_ms", loading.seconds() * 1e3}};
}

}  // namespace mw::bench
