// The clips of a person. Feet follow paths that stand still on the ground while they carry (the ground moves backwards at the
// authored speed), and legs and some arms are solved to reach them (two bones, law of cosines); the rest is swung about it.
#include <cmath>

#include "base/assert.h"
#include "kit/figure.h"

namespace mw::kit::figure {
namespace {

using gltf::clamp01;
using gltf::conjugate;
using gltf::cross;
using gltf::dot;
using gltf::kPi;
using gltf::length;
using gltf::lerp;
using gltf::normalised;
using gltf::rotate;
using gltf::smoothstep;
using gltf::turn;
using gltf::turn_x;
using gltf::turn_y;
using gltf::turn_z;

constexpr float kTurn = 2 * kPi;
constexpr float degrees(float d) { return d * kPi / 180; }
const Vec3 kArmDown = normalised(Vec3{0.6150f, -0.7880f, 0.03f});
constexpr float kBindArm = 0.6624f;  // of the arm against the vertical

float wave(float phase, float shift = 0) { return std::sin(kTurn * (phase - shift)); }

// The turn that takes the frame (y, pole) to (y2, pole2): first vectors exactly, poles as nearly as they can.
Quat frame_turn(Vec3 y, Vec3 pole, Vec3 y2, Vec3 pole2) {
  y = normalised(y), y2 = normalised(y2);
  const Vec3 x = normalised(cross(y, pole)), x2 = normalised(cross(y2, pole2));
  const Vec3 z = cross(x, y), z2 = cross(x2, y2);
  // The matrix is the sum of the outer products of the new axes with the old.
  const auto m = [&](int r, int c) { return x2[r] * x[c] + y2[r] * y[c] + z2[r] * z[c]; };
  const float trace = m(0, 0) + m(1, 1) + m(2, 2);
  Quat q;
  if (trace > 0) {
    const float s = 2 * std::sqrt(trace + 1);
    q = {(m(2, 1) - m(1, 2)) / s, (m(0, 2) - m(2, 0)) / s, (m(1, 0) - m(0, 1)) / s, s / 4};
  } else if (m(0, 0) > m(1, 1) && m(0, 0) > m(2, 2)) {
    const float s = 2 * std::sqrt(1 + m(0, 0) - m(1, 1) - m(2, 2));
    q = {s / 4, (m(0, 1) + m(1, 0)) / s, (m(0, 2) + m(2, 0)) / s, (m(2, 1) - m(1, 2)) / s};
  } else if (m(1, 1) > m(2, 2)) {
    const float s = 2 * std::sqrt(1 + m(1, 1) - m(0, 0) - m(2, 2));
    q = {(m(0, 1) + m(1, 0)) / s, s / 4, (m(1, 2) + m(2, 1)) / s, (m(0, 2) - m(2, 0)) / s};
  } else {
    const float s = 2 * std::sqrt(1 + m(2, 2) - m(0, 0) - m(1, 1));
    q = {(m(0, 2) + m(2, 0)) / s, (m(1, 2) + m(2, 1)) / s, s / 4, (m(1, 0) - m(0, 1)) / s};
  }
  return normalised(q);
}

// One pose in the making. Set hips and torso first, then limbs.
class Poser {
 public:
  ClipPose out;

  void set_hips(Vec3 move, Quat q) { out.hips_move = move, out.turn[hips] = q; }
  void set_torso(Quat low, Quat high, Quat of_neck, Quat of_head) {
    out.turn[spine] = low, out.turn[chest] = high, out.turn[neck] = of_neck, out.turn[head] = of_head;
  }

  // World place and turn of a joint as set so far.
  Vec3 where(Joint joint, Quat& q) const {
    const JointInfo& info = skeleton()[joint];
    if (info.parent < 0) {
      q = {};
      return info.position;
    }
    const auto parent = static_cast<Joint>(info.parent);
    Quat above;
    const Vec3 base = where(parent, above);
    Vec3 offset = info.position - place_of(parent);
    if (joint == hips) offset += out.hips_move;
    q = above * out.turn[joint];
    return base + rotate(above, offset);
  }

  // An arm by angles: forward, away from the body (0 hangs), turned about itself (positive outwards), elbow bent.
  void arm(bool left, float forward, float away, float twist, float elbow, float wrist = 0, float shrug = 0) {
    const Quat upper = turn_x(-forward) * turn_z(away - kBindArm) * turn(kArmDown, -twist);
    const Quat lower = turn(normalised(Vec3{kArmDown.y, -kArmDown.x, 0}), elbow);
    const Quat of_hand = turn({0, 0, 1}, -wrist);
    set(left, arm_l, upper);
    set(left, forearm_l, lower);
    set(left, hand_l, of_hand);
    set(left, shoulder_l, turn_z(shrug));
  }

  // Two bones from `upper` reach `target` in the world; the middle joint leans towards `pole`; the end takes turn `end`.
  void reach(Joint upper, Vec3 target, Vec3 pole, Vec3 bind_pole, Quat end) {
    const auto middle = static_cast<Joint>(upper + 1), last = static_cast<Joint>(upper + 2);
    const Vec3 first = place_of(middle) - place_of(upper), second = place_of(last) - place_of(middle);
    const float a = length(first), b = length(second);
    out.turn[upper] = {};
    Quat own, above;
    const Vec3 from = where(upper, own);
    where(static_cast<Joint>(skeleton()[upper].parent), above);
    const Vec3 way = target - from;
    const float far = std::clamp(length(way), std::abs(a - b) + 0.01f, (a + b) * 0.9995f);
    const Vec3 ahead = normalised(way);
    const Vec3 across = normalised(pole - ahead * dot(pole, ahead));
    const float along = (a * a + far * far - b * b) / (2 * far);
    const float off = std::sqrt(std::max(0.f, a * a - along * along));
    const Vec3 knee = ahead * along + across * off;
    const Quat q1 = frame_turn(first, bind_pole, knee, across),
               q2 = frame_turn(second, bind_pole, ahead * far - knee, across);
    out.turn[upper] = conjugate(above) * q1;
    out.turn[middle] = conjugate(q1) * q2;
    out.turn[last] = conjugate(q2) * end;
  }

  // A foot: ankle in the world, pitch (toes down is positive), toes bent back to stay flat by `toes`.
  // The knee leans forward, and upwards by `up`.
  void foot(bool left, Vec3 ankle, float pitch, float toes, float out_turn = 0.10f, float up = 0) {
    if (!left) ankle.x = -ankle.x;
    const float yaw = left ? out_turn : -out_turn;
    const Quat end = turn_y(yaw) * turn_x(pitch);
    reach(left ? thigh_l : thigh_r, ankle, normalised(Vec3{std::sin(yaw) + (left ? 0.06f : -0.06f), up, 1}), {0, 0, 1},
          end);
    out.turn[left ? toe_l : toe_r] = turn_x(-toes);
  }

  // A hand to a place in the world, elbow towards `pole`. The hand keeps in line with the forearm.
  void hand_to(bool left, Vec3 target, Vec3 pole) {
    if (!left) target.x = -target.x, pole.x = -pole.x;
    const Joint upper = left ? arm_l : arm_r;
    reach(upper, target, pole, {0, 0, -1}, {});
    out.turn[upper + 2] = {};
  }

 private:
  void set(bool left, Joint joint, Quat q) {
    if (left) {
      out.turn[joint] = q;
    } else {
      out.turn[other_side(joint)] = {q.x, -q.y, -q.z, q.w};
    }
  }
};

const Vec3 kAnkle{0.100f, 0.085f, -0.022f};  // of the left foot, flat below the hip
constexpr Vec3 kHeel{0, -0.085f, -0.060f},
    kBall{0, -0.085f, 0.105f};  // where a foot turns on the ground, from the ankle

struct Step {
  Vec3 ankle;
  float pitch = 0, toes = 0;
};

// The ankle of a foot flat at `flat` that is pitched about heel or ball, which stay where they are.
Step planted(Vec3 flat, float pitch) {
  const Vec3 pivot = pitch < 0 ? kHeel : kBall;
  return {flat + pivot - rotate(turn_x(pitch), pivot), pitch, std::max(pitch, 0.f)};
}

struct Gait {
  float seconds, speed;  // of a cycle of two steps; of the ground
  float carries;  // share of the cycle that a foot is on the ground
  float reach;  // metres ahead of the hip where it lands
  float strike, push;  // pitch at landing (toes up is negative) and at leaving
  float push_from;  // share of the cycle at which the heel rises
  float lift;  // extra height in the swing
  float apart;  // share of the bind pose's distance of the feet
};

Step step_of(const Gait& gait, float phase) {
  phase -= std::floor(phase);
  const auto flat_at = [&](float t) {
    return Vec3{kAnkle.x * gait.apart, kAnkle.y, gait.reach - gait.speed * gait.seconds * t};
  };
  if (phase <= gait.carries) {
    const float heel = gait.strike * (1 - smoothstep(0, 0.11f, phase));
    const float ball = gait.push * std::pow(clamp01((phase - gait.push_from) / (gait.carries - gait.push_from)), 1.6f);
    return planted(flat_at(phase), heel + ball);
  }
  const float t = (phase - gait.carries) / (1 - gait.carries);
  const Step from = planted(flat_at(gait.carries), gait.push), to = planted(flat_at(0), gait.strike);
  // Hermite: leaves with half of the ground's speed, lands with most of it, so that the foot is not seen to stop.
  const float swing_seconds = (1 - gait.carries) * gait.seconds;
  const float v0 = -gait.speed * swing_seconds * 0.35f, v1 = -gait.speed * swing_seconds * 0.55f;
  const float h00 = (1 + 2 * t) * (1 - t) * (1 - t), h10 = t * (1 - t) * (1 - t), h01 = t * t * (3 - 2 * t),
              h11 = t * t * (t - 1);
  Step step;
  step.ankle = lerp(from.ankle, to.ankle, smoothstep(0, 1, t));
  step.ankle.z = h00 * from.ankle.z + h10 * v0 + h01 * to.ankle.z + h11 * v1;
  step.ankle.y += gait.lift * std::sin(kPi * std::pow(t, 0.8f));
  step.pitch = lerp(gait.push, gait.strike, smoothstep(0.05f, 0.85f, t)) + 0.25f * std::sin(kPi * clamp01(t * 2.2f));
  step.toes = gait.push * (1 - smoothstep(0, 0.3f, t));
  return step;
}

void feet(Poser& poser, const Gait& gait, float phase) {
  for (bool left : {true, false}) {
    const Step step = step_of(gait, left ? phase : phase + 0.5f);
    poser.foot(left, step.ankle, step.pitch, step.toes, 0.07f);
  }
}

ClipPose walk(float phase) {
  static constexpr Gait gait{0.96f, 1.4f, 0.61f, 0.315f, degrees(-19), degrees(47), 0.36f, 0.045f, 0.72f};
  Poser p;
  const float side = wave(phase, 0.06f), stride = std::cos(kTurn * phase),
              twice = std::cos(2 * kTurn * (phase - 0.05f));
  p.set_hips({0.024f * side, -0.047f - 0.015f * twice, 0.008f * std::sin(2 * kTurn * phase)},
             turn_y(-0.12f * stride) * turn_z(0.055f * side) * turn_x(0.035f));
  p.set_torso(turn_y(0.10f * stride) * turn_z(-0.045f * side) * turn_x(0.035f),
              turn_y(0.13f * stride) * turn_z(-0.030f * side) * turn_x(0.005f + 0.01f * twice),
              turn_y(-0.05f * stride) * turn_z(0.012f * side),
              turn_y(-0.06f * stride) * turn_x(-0.03f - 0.012f * twice));
  feet(p, gait, phase);
  for (bool left : {true, false}) {
    const float swing = (left ? -1.f : 1.f) * std::cos(kTurn * (phase - 0.02f));
    const float late = (left ? -1.f : 1.f) * std::cos(kTurn * (phase - 0.07f));  // the forearm drags behind
    p.arm(left, 0.03f + 0.44f * swing, 0.15f, 0.10f, 0.30f + 0.22f * late, 0.04f, 0.02f);
  }
  return p.out;
}

ClipPose run(float phase) {
  static constexpr Gait gait{0.66f, 4.0f, 0.32f, 0.30f, degrees(-6), degrees(48), 0.10f, 0.24f, 0.50f};
  Poser p;
  const float side = wave(phase, -0.09f), stride = std::cos(kTurn * phase),
              twice = std::cos(2 * kTurn * (phase - 0.16f));
  p.set_hips({0.016f * side, -0.075f - 0.040f * twice, 0},
             turn_y(-0.20f * stride) * turn_z(0.05f * side) * turn_x(0.17f));
  p.set_torso(turn_y(0.17f * stride) * turn_z(-0.05f * side) * turn_x(0.07f),
              turn_y(0.22f * stride) * turn_x(0.05f + 0.02f * twice), turn_y(-0.08f * stride) * turn_x(-0.08f),
              turn_y(-0.11f * stride) * turn_x(-0.14f - 0.02f * twice));
  feet(p, gait, phase);
  for (bool left : {true, false}) {
    const float swing = (left ? -1.f : 1.f) * stride;
    p.arm(left, 0.02f + 0.85f * swing, 0.20f, -0.15f, 1.45f + 0.28f * swing, 0, 0.05f);
  }
  return p.out;
}

// Stands, breathes, shifts the weight from leg to leg.
void stand(Poser& p, float phase, float liveliness) {
  const float shift = wave(phase) * liveliness, breath = wave(2 * phase, 0.1f);
  p.set_hips({0.016f + 0.022f * shift, -0.010f - 0.006f * std::abs(shift), 0},
             turn_z(0.020f + 0.035f * shift) * turn_y(0.03f * shift));
  p.set_torso(turn_z(-0.018f - 0.030f * shift) * turn_x(0.010f + 0.006f * breath),
              turn_x(-0.010f - 0.018f * breath) * turn_z(-0.015f * shift), turn_x(0.015f),
              turn_y(0.10f * wave(phase, 0.3f) * liveliness) * turn_x(0.012f * breath));
  p.foot(true, {kAnkle.x * 1.05f, kAnkle.y, kAnkle.z + 0.02f}, 0, 0, 0.16f);
  p.foot(false, {kAnkle.x * 1.05f, kAnkle.y, kAnkle.z - 0.02f}, 0, 0, 0.20f);
}

ClipPose idle(float phase) {
  Poser p;
  stand(p, phase, 1);
  const float breath = wave(2 * phase, 0.1f);
  p.arm(true, 0.03f + 0.015f * wave(phase, 0.2f), 0.145f + 0.012f * breath, 0.08f, 0.22f + 0.02f * breath, 0.05f,
        0.012f * breath);
  p.arm(false, 0.01f + 0.02f * wave(phase, 0.4f), 0.150f + 0.012f * breath, 0.10f, 0.26f - 0.02f * breath, 0.05f,
        0.012f * breath);
  return p.out;
}

// Crouches, leaves the ground at 0.2, tucks, stretches for the landing at 0.8, gives way.
ClipPose jump(float phase) {
  Poser p;
  const float crouch = smoothstep(0, 0.12f, phase) * (1 - smoothstep(0.14f, 0.24f, phase)) +
                       0.9f * smoothstep(0.78f, 0.86f, phase) * (1 - smoothstep(0.88f, 1, phase));
  const float air = smoothstep(0.16f, 0.30f, phase) * (1 - smoothstep(0.66f, 0.82f, phase));
  const float lean = 0.30f * crouch - 0.06f * air;
  p.set_hips({0, -0.012f - 0.17f * crouch, -0.05f * crouch}, turn_x(lean + 0.10f * air));
  p.set_torso(turn_x(0.5f * lean), turn_x(0.3f * lean), turn_x(-0.4f * lean), turn_x(-0.6f * lean + 0.05f * air));
  for (bool left : {true, false}) {
    const float tuck = left ? 0.20f : 0.09f;
    p.foot(left, kAnkle + Vec3{0, tuck * air, (left ? 0.10f : -0.14f) * air}, degrees(left ? 22.f : 38.f) * air, 0,
           0.1f);
    p.arm(left, -0.55f * crouch + (left ? 0.35f : 0.7f) * air, 0.16f + 0.75f * air, 0.2f * air,
          0.35f + 0.25f * crouch + 0.35f * air, 0, 0.08f * air);
  }
  return p.out;
}

// On the ground, knees drawn up, forearms over them.
ClipPose sit(float phase) {
  Poser p;
  const float breath = wave(2 * phase, 0.1f), look = wave(phase, 0.15f);
  p.set_hips({0, -0.825f, -0.16f}, turn_x(-0.42f));
  p.set_torso(turn_x(0.34f + 0.01f * breath), turn_x(0.26f - 0.02f * breath), turn_x(-0.02f),
              turn_y(0.16f * look) * turn_x(-0.13f));
  p.foot(true, {0.135f, 0.085f, 0.40f}, 0, 0, 0.16f, 4);
  p.foot(false, {0.135f, 0.085f, 0.34f}, 0, 0, 0.16f, 4);
  p.hand_to(true, {0.120f, 0.545f + 0.003f * breath, 0.235f}, {1, -0.6f, -0.3f});
  p.hand_to(false, {0.125f, 0.540f + 0.003f * breath, 0.185f}, {1, -0.6f, -0.3f});
  return p.out;
}

// On a seat 45 cm high, whose front edge is above the feet's heels. The back of a jacket stays before the seat's back, which begins 35
// cm behind that edge.
ClipPose sit_seat(float phase) {
  Poser p;
  const float breath = wave(2 * phase, 0.1f), look = wave(phase, 0.15f);
  p.set_hips({0, -0.410f, -0.205f}, turn_x(-0.02f));
  p.set_torso(turn_x(0.05f + 0.008f * breath), turn_x(0.04f - 0.018f * breath), turn_x(-0.01f),
              turn_y(0.20f * look) * turn_x(-0.02f));
  p.foot(true, {0.115f, 0.085f, 0.150f}, 0, 0, 0.12f, 0.8f);
  p.foot(false, {0.115f, 0.085f, 0.105f}, 0, 0, 0.12f, 0.8f);
  p.hand_to(true, {0.095f, 0.665f + 0.003f * breath, 0.005f}, {1, 0, -0.6f});
  p.hand_to(false, {0.100f, 0.660f + 0.003f * breath, -0.01f}, {1, 0, -0.6f});
  return p.out;
}

ClipPose waving(float phase) {
  Poser p;
  stand(p, phase, 0.5f);
  const float swing = wave(3 * phase);
  p.out.turn[chest] = turn_z(0.05f) * turn_x(-0.02f);
  p.out.turn[head] = turn_z(-0.06f) * turn_x(-0.03f);
  p.arm(true, 0.04f, 0.17f, 0.08f, 0.25f, 0.05f);
  p.arm(false, 0.30f, 1.72f + 0.06f * swing, 1.35f, 1.15f + 0.42f * swing, -0.18f * swing, 0.16f);
  return p.out;
}

// A scarf held up in both hands, from side to side. Its mesh (figure_scarf.cpp) is made for phase 0.
ClipPose wave_scarf(float phase) {
  Poser p;
  stand(p, phase, 0.4f);
  const float swing = wave(phase);
  p.out.turn[chest] = turn_z(0.07f * swing) * turn_x(-0.04f);
  p.out.turn[head] = turn_z(0.04f * swing) * turn_x(-0.08f);
  const float aside = 0.07f * swing, up = 1.855f + 0.010f * wave(2 * phase, 0.2f);
  p.hand_to(true, {0.24f + aside, up, 0.03f}, {1, -0.2f, -0.5f});
  p.hand_to(false, {0.24f - aside, up, 0.03f}, {1, -0.2f, -0.5f});
  return p.out;
}

ClipPose cheer(float phase) {
  Poser p;
  const float hop = std::abs(wave(phase)), down = 1 - hop;
  p.set_hips({0, -0.075f * down * down + 0.045f * hop, 0}, turn_x(0.06f * down));
  p.set_torso(turn_x(-0.05f * hop), turn_x(-0.06f * hop + 0.04f * down), turn_x(-0.04f), turn_x(-0.10f * hop));
  const Vec3 up{0, 0.040f * hop, 0};
  p.foot(true, kAnkle + up, degrees(22) * hop, 0, 0.14f);
  p.foot(false, kAnkle + up, degrees(22) * hop, 0, 0.14f);
  p.arm(true, 0.28f, 2.45f + 0.22f * hop, 0.5f, 0.55f - 0.35f * hop, 0, 0.30f);
  p.arm(false, 0.28f, 2.45f + 0.22f * hop, 0.5f, 0.50f - 0.30f * hop, 0, 0.30f);
  return p.out;
}

ClipPose clap(float phase) {
  Poser p;
  stand(p, phase, 0.4f);
  const float beat = 0.5f - 0.5f * std::cos(kTurn * 4 * phase);  // 0: palms together
  const float open = std::pow(beat, 0.8f);
  p.out.turn[head] = turn_x(-0.04f + 0.03f * beat);
  p.hand_to(true, {0.092f + 0.105f * open, 1.165f + 0.012f * open, 0.285f}, {0.8f, -1, -0.35f});
  p.hand_to(false, {0.092f + 0.105f * open, 1.145f - 0.012f * open, 0.275f}, {0.8f, -1, -0.35f});
  return p.out;
}

}  // namespace

Vec3 place_in(const ClipPose& pose, Joint joint, Quat& turned) {
  Poser poser;
  poser.out = pose;
  return poser.where(joint, turned);
}

const std::vector<ClipSource>& clips() {
  static const std::vector<ClipSource> all{
      {"idle", 5.0f, 50, idle},         {"walk", 0.96f, 32, walk},
      {"run", 0.66f, 24, run},          {"jump", 0.9f, 27, jump},
      {"sit", 5.0f, 40, sit},           {"wave", 2.4f, 60, waving},
      {"cheer", 1.0f, 30, cheer},       {"clap", 2.0f, 60, clap},
      {"sit_seat", 5.0f, 40, sit_seat}, {"wave_scarf", 2.4f, 48, wave_scarf},
  };
  return all;
}

}  // namespace mw::kit::figure
