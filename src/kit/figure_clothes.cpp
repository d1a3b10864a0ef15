// Clothing: tops, jacket, bottoms, hats, scarf.
#include <cmath>

#include "kit/figure.h"

namespace mw::kit::figure {
namespace {

using gltf::dot;
using gltf::smoothstep;

const Vec3 kArmDown = gltf::normalised(Vec3{0.6150f, -0.7880f, 0.03f});
float along_arm(Vec3 p) { return dot(Vec3{std::abs(p.x), p.y, p.z} - place_of(arm_l), kArmDown); }

// Torso and sleeves as one cloth, `loose` metres over the skin, sleeves ending `sleeve` metres down the arm.
float shirt(Vec3 p, float loose, float sleeve, float hem, float collar) {
  float d = join(torso_shape(p, loose), meet(arm_shape(p, loose + 0.004f), along_arm(p) - sleeve, 0.008f), 0.045f);
  d = join(d, ellipsoid(p, {0, 0.905f, -0.006f}, {0.172f + 0.7f * loose, 0.110f, 0.116f + 0.7f * loose}), 0.05f);
  d = meet(d, hem - p.y, 0.010f);
  return carve(d, cone(p, {0, 1.392f, -0.008f}, {0, 1.60f, 0.006f}, collar * 0.90f, collar * 1.06f), 0.008f);
}

float tee(Vec3 p) { return shirt(p, 0.012f, 0.165f, 0.885f, 0.074f) - 0.004f * smoothstep(0.06f, 0.17f, along_arm(p)); }

float jumper(Vec3 p) {
  float d = shirt(p, 0.016f, 0.492f, 0.880f, 0.068f);
  const float cuff = smoothstep(0.455f, 0.470f, along_arm(p)), hem = smoothstep(0.925f, 0.915f, p.y);
  d += 0.006f * std::max(cuff, hem);
  return join(d, torus({p.x, p.y + 0.25f * p.z, p.z}, {0, 1.449f, -0.018f}, 0.064f, 0.0125f), 0.008f);
}

float hoodie(Vec3 p) {
  float d = shirt(p, 0.020f, 0.490f, 0.865f, 0.074f);
  const float cuff = smoothstep(0.452f, 0.468f, along_arm(p)), hem = smoothstep(0.915f, 0.905f, p.y);
  d += 0.008f * std::max(cuff, hem);
  const Vec3 q{std::abs(p.x), p.y, p.z};
  float hood = ellipsoid(q, {0, 1.455f, -0.085f}, {0.118f, 0.070f, 0.062f});
  hood = join(hood, torus({p.x * 0.92f, p.y + 0.45f * p.z, p.z * 0.9f}, {0, 1.440f, -0.012f}, 0.078f, 0.024f), 0.03f);
  hood = carve(hood, ellipsoid(q, {0, 1.535f, -0.055f}, {0.078f, 0.075f, 0.062f}), 0.012f);
  d = join(d, hood, 0.02f);
  const float pocket =
      round_box(q, {0, 1.015f, 0.112f}, {0.092f - 0.25f * std::max(p.y - 1.0f, 0.f), 0.062f, 0.018f}, 0.012f);
  return join(d, pocket, 0.006f);
}

float jacket(Vec3 p) {
  const float loose = 0.032f;
  float d = shirt(p, loose, 0.478f, 0.845f, 0.080f);
  d += 0.006f * smoothstep(0.448f, 0.458f, along_arm(p));
  // Open in front: a wedge that widens downwards; the lapels fold outwards.
  const float open =
      std::abs(p.x) - 0.034f - 0.055f * smoothstep(1.25f, 0.86f, p.y) - 0.035f * smoothstep(1.30f, 1.42f, p.y);
  d = carve(d, std::max(open, -p.z), 0.010f);
  const Vec3 q{std::abs(p.x), p.y, p.z};
  const float collar =
      carve(torus({p.x, p.y + 0.35f * p.z, p.z}, {0, 1.445f, -0.020f}, 0.088f, 0.022f), std::max(open, -p.z), 0.01f);
  d = join(d, collar, 0.012f);
  const float lapel = cone(q, {0.070f, 1.425f, 0.050f}, {0.052f, 1.255f, 0.122f}, 0.020f, 0.010f);
  return join(d, lapel, 0.008f);
}

float trousers(Vec3 p) {
  const Vec3 q{std::abs(p.x), p.y, p.z};
  const Vec3 hip = place_of(thigh_l), knee = place_of(shin_l), ankle = place_of(foot_l);
  float leg = cone(q, hip + Vec3{-0.006f, -0.02f, -0.004f}, knee, 0.092f, 0.074f);
  leg = join(leg, cone(q, knee, ankle + Vec3{0.002f, -0.03f, 0.004f}, 0.0745f, 0.062f), 0.04f);
  leg = join(leg, ellipsoid(q, knee + Vec3{0.002f, -0.10f, -0.016f}, {0.068f, 0.16f, 0.068f}), 0.03f);
  leg = meet(leg, 0.006f - q.x, 0.012f);
  leg = meet(leg, 0.066f - p.y, 0.006f);
  float d = join(leg, meet(torso_shape(p, 0.006f), p.y - 0.985f, 0.01f), 0.035f);
  return d;
}

float shorts(Vec3 p) {
  const Vec3 q{std::abs(p.x), p.y, p.z};
  const Vec3 hip = place_of(thigh_l), knee = place_of(shin_l);
  float leg = cone(q, hip + Vec3{0, -0.02f, -0.002f}, knee, 0.096f, 0.092f);
  leg = meet(leg, 0.006f - q.x, 0.012f);
  leg = meet(leg, 0.530f - p.y, 0.008f);
  const float cuff = smoothstep(0.562f, 0.556f, p.y);
  return join(leg - 0.004f * cuff, meet(torso_shape(p, 0.008f), p.y - 0.985f, 0.01f), 0.03f);
}

float skirt(Vec3 p) {
  const float down = gltf::clamp01((0.98f - p.y) / 0.46f);
  const float around = std::atan2(p.x, p.z);
  const float fold = 0.012f * down * std::sin(9 * around);
  const float rx = 0.140f + 0.118f * down + fold, rz = 0.104f + 0.105f * down + fold;
  const float r = std::sqrt(p.x * p.x / (rx * rx) + (p.z + 0.010f) * (p.z + 0.010f) / (rz * rz));
  float d = (r - 1) * std::min(rx, rz) * 0.9f;
  d = meet(d, 0.525f - p.y, 0.012f);
  return meet(d, p.y - 0.985f, 0.012f);
}

float cap(Vec3 p) {
  float d = ellipsoid(p, {0, 1.655f, -0.006f}, {0.119f, 0.117f, 0.130f});
  d = meet(d, 1.668f - p.y - 0.10f * p.z, 0.008f);
  d = carve(d, ellipsoid(p, {0, 1.635f, -0.006f}, {0.110f, 0.108f, 0.121f}), 0.006f);
  const float drop = 3.2f * p.x * p.x;
  float visor = ellipsoid({p.x, 0, p.z}, {0, 0, 0.085f}, {0.098f, 1, 0.128f});
  visor = meet(visor, std::abs(p.y + drop - 1.664f + 0.16f * (p.z - 0.1f)) - 0.0065f, 0.006f);
  visor = meet(visor, 0.055f - p.z, 0.01f);
  d = join(d, visor, 0.006f);
  return join(d, ellipsoid(p, {0, 1.773f, -0.006f}, {0.012f, 0.007f, 0.012f}), 0.004f);
}

float beanie(Vec3 p) {
  float d = ellipsoid(p, {0, 1.668f, -0.012f}, {0.120f, 0.128f, 0.132f});
  d += 0.0014f * std::sin(30 * std::atan2(p.x, p.z));
  d = meet(d, 1.672f - p.y - 0.20f * p.z, 0.010f);
  const float band = std::abs(p.y - 1.690f + 0.20f * p.z) - 0.027f;
  float fold = ellipsoid(p, {0, 1.668f, -0.012f}, {0.127f, 0.150f, 0.139f});
  fold = meet(fold, band, 0.012f);
  fold += 0.0016f * std::sin(30 * std::atan2(p.x, p.z));
  return join(d, fold, 0.006f);
}

float scarf(Vec3 p) {
  const float wave = 0.006f * std::sin(3 * std::atan2(p.x, p.z) + 1);
  float d =
      torus({p.x, (p.y + 0.28f * p.z + wave) * 0.85f + 0.15f * 1.452f, p.z}, {0, 1.452f, -0.012f}, 0.079f, 0.032f);
  d = join(d, torus({p.x, p.y + 0.10f * p.z - wave, p.z}, {0, 1.480f, -0.012f}, 0.070f, 0.024f), 0.008f);
  const Vec3 top{0.045f, 1.43f, 0.082f}, end{0.075f, 1.13f, 0.135f};
  const Vec3 q{p.x, p.y, (p.z - 0.10f) * 2.2f + 0.10f};
  float tail = cone({q.x, q.y, (p.z - gltf::lerp(top.z, end.z, gltf::clamp01((top.y - p.y) / 0.3f))) * 2.4f},
                    {top.x, top.y, 0}, {end.x, end.y, 0}, 0.034f, 0.044f);
  tail = meet(tail, 1.15f - p.y, 0.008f);
  return join(d, tail, 0.015f);
}

}  // namespace

std::vector<Piece> clothes_pieces() {
  std::vector<Piece> all;
  const auto add = [&](float (*field)(Vec3), Bounds bounds, float step, int part, Slot slot, Follow follow,
                       std::array<int, 3> triangles, float fade) {
    all.push_back(
        {field, bounds, step, static_cast<std::uint8_t>(part), slot, follow, triangles, false, Face::none, fade});
  };
  const Bounds upper{{-0.56f, 0.82f, -0.21f}, {0.56f, 1.56f, 0.21f}};
  const Bounds lower{{-0.23f, 0.03f, -0.16f}, {0.23f, 1.02f, 0.16f}};
  add(tee, {{-0.42f, 0.84f, -0.17f}, {0.42f, 1.52f, 0.17f}}, 0.0125f, first_top, Slot::top, Follow::upper,
      {640, 130, 54}, 0.10f);
  add(jumper, upper, 0.0125f, first_top + 1, Slot::top, Follow::upper, {840, 160, 64}, 0.10f);
  add(hoodie, upper, 0.0125f, first_top + 2, Slot::top, Follow::upper, {940, 170, 68}, 0.10f);
  add(jacket, {{-0.60f, 0.80f, -0.22f}, {0.60f, 1.56f, 0.22f}}, 0.0125f, the_jacket, Slot::accent, Follow::upper,
      {900, 180, 76}, 0.08f);
  add(trousers, lower, 0.0125f, first_bottom, Slot::bottom, Follow::legs, {600, 120, 48}, 0.16f);
  add(shorts, {{-0.23f, 0.48f, -0.16f}, {0.23f, 1.02f, 0.16f}}, 0.0125f, first_bottom + 1, Slot::bottom, Follow::legs,
      {400, 84, 36}, 0.12f);
  add(skirt, {{-0.30f, 0.48f, -0.27f}, {0.30f, 1.03f, 0.26f}}, 0.0130f, first_bottom + 2, Slot::bottom, Follow::skirt,
      {460, 84, 36}, 0.14f);
  add(cap, {{-0.15f, 1.62f, -0.16f}, {0.15f, 1.80f, 0.24f}}, 0.0075f, first_hat, Slot::accent, Follow::head,
      {340, 64, 26}, 0.05f);
  add(beanie, {{-0.16f, 1.62f, -0.17f}, {0.16f, 1.82f, 0.16f}}, 0.0080f, first_hat + 1, Slot::accent, Follow::head,
      {400, 70, 26}, 0.05f);
  add(scarf, {{-0.14f, 1.10f, -0.16f}, {0.15f, 1.54f, 0.20f}}, 0.0085f, the_scarf, Slot::accent, Follow::neck,
      {400, 70, 24}, 0.08f);
  return all;
}

}  // namespace mw::kit::figure
