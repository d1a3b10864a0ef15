// How strongly each joint pulls at a point of the person in the bind pose. Blends are wide where bodies are soft (hip,
// shoulder) and narrow where they fold (elbow, knee, wrist).
#include <algorithm>
#include <array>
#include <cmath>

#include "kit/figure.h"

namespace mw::kit::figure {
namespace {

using gltf::smoothstep;

using Shares = std::array<float, joint_count>;

const Vec3 kArmDown = gltf::normalised(Vec3{0.6150f, -0.7880f, 0.03f});

// Moves a share of what `from` holds to `to`.
void give(Shares& shares, Joint from, Joint to, float share) {
  const float moved = shares[from] * share;
  shares[from] -= moved;
  shares[to] += moved;
}

Joint side(Joint left, float x) { return x >= 0 ? left : other_side(left); }

void torso(Shares& shares, Vec3 p) {
  const float far = std::abs(p.x);
  shares[hips] = 1;
  give(shares, hips, spine, smoothstep(0.97f, 1.11f, p.y));
  give(shares, spine, chest, smoothstep(1.10f, 1.27f, p.y));
  give(shares, chest, side(shoulder_l, p.x), 0.85f * smoothstep(0.045f, 0.15f, far) * smoothstep(1.22f, 1.37f, p.y));
  give(shares, chest, neck, smoothstep(1.43f, 1.50f, p.y) * smoothstep(0.12f, 0.06f, far));
}

// The thighs pull at what hangs over the hips, so that a hem goes with the trousers below it.
void pull_hips(Shares& shares, Vec3 p) {
  const float leg = smoothstep(0.985f, 0.845f, p.y), left = smoothstep(-0.022f, 0.022f, p.x);
  const float held = shares[hips];
  shares[thigh_l] += held * leg * left;
  shares[thigh_r] += held * leg * (1 - left);
  shares[hips] -= held * leg;
}

void upper(Shares& shares, Vec3 p) {
  torso(shares, p);
  pull_hips(shares, p);
  const float down = gltf::dot(Vec3{std::abs(p.x), p.y, p.z} - place_of(arm_l), kArmDown);
  const float arm = smoothstep(-0.045f, 0.050f, torso_shape(p, 0) - arm_shape(p, 0)) * smoothstep(-0.06f, 0.0f, down);
  for (float& share : shares) share *= 1 - arm;
  shares[side(arm_l, p.x)] += arm;
  give(shares, side(arm_l, p.x), side(forearm_l, p.x), smoothstep(0.265f - 0.045f, 0.265f + 0.045f, down));
  give(shares, side(forearm_l, p.x), side(hand_l, p.x), 0.5f * smoothstep(0.480f, 0.515f, down));
}

void hand(Shares& shares, Vec3 p) {
  const float down = gltf::dot(Vec3{std::abs(p.x), p.y, p.z} - place_of(arm_l), kArmDown);
  shares[side(forearm_l, p.x)] = 1;
  give(shares, side(forearm_l, p.x), side(hand_l, p.x), smoothstep(0.482f, 0.515f, down));
}

void legs(Shares& shares, Vec3 p) {
  shares[hips] = 1;
  give(shares, hips, spine, 0.5f * smoothstep(0.97f, 1.09f, p.y));
  pull_hips(shares, p);
  const float knee = smoothstep(0.545f, 0.435f, p.y);
  give(shares, thigh_l, shin_l, knee);
  give(shares, thigh_r, shin_r, knee);
}

void skirt(Shares& shares, Vec3 p) {
  const float down = gltf::clamp01((0.98f - p.y) / 0.46f);
  const float leg = 0.82f * smoothstep(0.05f, 0.75f, down);
  const float left = smoothstep(-0.11f, 0.11f, p.x);
  shares[hips] = 1 - leg;
  shares[thigh_l] = leg * left;
  shares[thigh_r] = leg * (1 - left);
}

void foot(Shares& shares, Vec3 p) {
  const Joint the_foot = side(foot_l, p.x);
  shares[the_foot] = 1;
  give(shares, the_foot, side(toe_l, p.x), smoothstep(0.060f, 0.105f, p.z));
  give(shares, the_foot, side(shin_l, p.x), 0.7f * smoothstep(0.095f, 0.135f, p.y));
}

void column(Shares& shares, Vec3 p) {
  shares[chest] = 1;
  give(shares, chest, side(shoulder_l, p.x), 0.85f * smoothstep(0.045f, 0.15f, std::abs(p.x)));
  give(shares, chest, neck, smoothstep(1.38f, 1.455f, p.y));
  give(shares, neck, head, smoothstep(1.485f, 1.56f, p.y));
}

}  // namespace

void weigh(Vec3 p, Follow follow, Joints& joints, Weights& weights) {
  Shares shares{};
  switch (follow) {
    case Follow::head: shares[head] = 1; break;
    case Follow::neck: column(shares, p); break;
    case Follow::upper: upper(shares, p); break;
    case Follow::hand: hand(shares, p); break;
    case Follow::legs: legs(shares, p); break;
    case Follow::skirt: skirt(shares, p); break;
    case Follow::foot: foot(shares, p); break;
    case Follow::long_hair:
      shares[head] = 1;
      give(shares, head, chest, 0.6f * smoothstep(1.53f, 1.34f, p.y));
      break;
  }
  std::array<std::uint8_t, joint_count> order{};
  for (std::uint8_t i = 0; i < joint_count; ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return shares[a] != shares[b] ? shares[a] > shares[b] : a < b; });
  float sum = 0;
  for (std::size_t i = 0; i < 4; ++i) sum += shares[order[i]];
  for (std::size_t i = 0; i < 4; ++i) {
    weights[i] = std::round(shares[order[i]] / sum * 255) / 255;
    joints[i] = weights[i] > 0 ? order[i] : std::uint8_t{0};
  }
}

}  // namespace mw::kit::figure
