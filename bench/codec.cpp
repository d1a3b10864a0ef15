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

namespace {

// The frames of one cell at one level, as who misses none gets them: keyframes as rekeys where those are shorter.
struct Coded {
  std::size_t poses = 0, bytes = 0, keyframe_bytes = 0, plain_keyframes = 0, plain_bytes = 0;
  Stopwatch encoding, decoding;

  Json json() const {
    const auto per_pose = [&](std::size_t sum) { return static_cast<double>(sum) / static_cast<double>(poses); };
    return {{"bytes_per_pose", per_pose(bytes)},
            {"keyframe_bytes_per_pose", per_pose(keyframe_bytes)},
            {"plain_keyframe_bytes", static_cast<double>(plain_bytes) / static_cast<double>(plain_keyframes)}};
  }
};

Status code(const PosesOptions& options, wire::PoseLevel level, Coded& out) {
  Crowd crowd(options);
  wire::PoseEncoder encoder(options.people, level);
  wire::PoseDecoder decoder;
  Bytes bytes, plain;
  std::uint32_t group = 0, key_tick = 0;
  const auto rule = wire::level_rule(level);
  const auto ticks = static_cast<std::uint32_t>(options.seconds * limits::kTickHz);
  for (std::uint32_t tick = 0; tick < ticks; ++tick, crowd.step()) {
    if (tick % rule.period_ticks != 0) continue;
    const auto poses = crowd.poses();
    bool rekey = false;
    out.encoding.start();
    const bool key = group == 0 || tick - key_tick >= rule.group_ticks || !encoder.delta(tick, poses, bytes);
    if (key) {
      encoder.keyframe(tick, poses, plain);
      rekey = encoder.rekey(plain.size(), bytes);
    }
    out.encoding.stop();
    if (key) {
      ++group;
      key_tick = tick;
      out.plain_keyframes += options.people;
      out.plain_bytes += plain.size();
      if (!rekey) bytes = plain;
      out.keyframe_bytes += bytes.size();
    }
    out.bytes += bytes.size();
    out.poses += options.people;
    out.decoding.start();
    const Status decoded = rekey ? decoder.rekey(group, bytes)
                           : key ? decoder.keyframe(group, bytes)
                                 : decoder.delta(group, bytes);
    out.decoding.stop();
    MW_TRY(decoded);
    if (level == wire::PoseLevel::full && !same(decoder.poses(), poses))
      return failure(ErrorKind::internal, "a frame did not decode to what was encoded");
  }
  return ok();
}

}  // namespace

Result<Json> run_poses(const PosesOptions& options) {
  Crowd crowd(options);
  tracks::FramePool pool;
  crowd::Scratch scratch;
  crowd::PublisherStats published;
  crowd::Publisher publisher(TrackId{1}, wire::PoseLevel::full, pool, scratch, options.people);
  Stopwatch publishing;
  const auto ticks = static_cast<std::uint32_t>(options.seconds * limits::kTickHz);
  for (std::uint32_t tick = 0; tick < ticks; ++tick, crowd.step()) {
    const auto poses = crowd.poses();
    publishing.start();
    const auto frames = publisher.tick(tick, poses, 1, published);
    publishing.stop();
  }
  Coded full;
  MW_TRY(code(options, wire::PoseLevel::full, full));
  Json out = full.json();
  const auto per_pose = [&](const Stopwatch& watch) { return watch.seconds() / static_cast<double>(full.poses) * 1e9; };
  out.update({{"people", options.people},
              {"trace", options.trace == Trace::walk ? "walk" : "player"},
              {"seconds", options.seconds},
              {"encode_ns", per_pose(full.encoding)},
              {"decode_ns", per_pose(full.decoding)},
              {"publish_us", publishing.seconds() / ticks * 1e6},
              {"floor_ns", floor_ns(crowd.poses())}});
  for (unsigned level = 1; level < wire::kPoseLevels; ++level) {
    Coded coarse;
    MW_TRY(code(options, static_cast<wire::PoseLevel>(level), coarse));
    Json row = coarse.json();
    row["level"] = level;
    out["levels"].push_back(std::move(row));
  }
  for (const std::size_t people : {25, 50, 100, 200}) {
    PosesOptions cell = options;
    cell.people = people;
    Coded coded;
    MW_TRY(code(cell, wire::PoseLevel::full, coded));
    Json row = coded.json();
    row["people"] = people;
    out["cells"].push_back(std::move(row));
  }
  return out;
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
