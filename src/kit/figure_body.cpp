#include <cmath>

#include "kit/figure.h"

namespace mw::kit::figure {

using gltf::clamp01;
using gltf::lerp;

namespace {

constexpr Vec3 kShoulder{0.152f, 1.382f, -0.012f};
constexpr Vec3 kArm{0.6150f, -0.7880f, 0.03f};  // direction of the arm in the bind pose, a unit vector within 0.1 %
constexpr float kUpperArm = 0.265f, kForearm = 0.235f;

constexpr Vec3 along_arm(float metres) { return kShoulder + kArm * metres; }

}  // namespace

const std::array<JointInfo, joint_count>& skeleton() {
  constexpr Vec3 kElbow = along_arm(kUpperArm), kWrist = along_arm(kUpperArm + kForearm);
  constexpr auto mirror = [](Vec3 p) { return Vec3{-p.x, p.y, p.z}; };
  constexpr Vec3 kClavicle{0.035f, 1.39f, 0.0f}, kThigh{0.090f, 0.905f, 0.0f}, kKnee{0.096f, 0.490f, 0.012f};
  constexpr Vec3 kAnkle{0.100f, 0.085f, -0.022f}, kToe{0.108f, 0.030f, 0.085f};
  static const std::array<JointInfo, joint_count> all{{
      {"root", -1, {0, 0, 0}},
      {"hips", root, {0, 0.95f, 0}},
      {"spine", hips, {0, 1.06f, -0.005f}},
      {"chest", spine, {0, 1.20f, -0.01f}},
      {"neck", chest, {0, 1.435f, -0.022f}},
      {"head", neck, {0, 1.520f, -0.005f}},
      {"shoulder_l", chest, kClavicle},
      {"arm_l", shoulder_l, kShoulder},
      {"forearm_l", arm_l, kElbow},
      {"hand_l", forearm_l, kWrist},
      {"thigh_l", hips, kThigh},
      {"shin_l", thigh_l, kKnee},
      {"foot_l", shin_l, kAnkle},
      {"toe_l", foot_l, kToe},
      {"shoulder_r", chest, mirror(kClavicle)},
      {"arm_r", shoulder_r, mirror(kShoulder)},
      {"forearm_r", arm_r, mirror(kElbow)},
      {"hand_r", forearm_r, mirror(kWrist)},
      {"thigh_r", hips, mirror(kThigh)},
      {"shin_r", thigh_r, mirror(kKnee)},
      {"foot_r", shin_r, mirror(kAnkle)},
      {"toe_r", foot_r, mirror(kToe)},
  }};
  return all;
}

float skull_shape(Vec3 p) { return ellipsoid(p, {0, 1.640f, -0.006f}, {0.099f, 0.108f, 0.112f}); }

float head_shape(Vec3 p) {
  p.x = std::abs(p.x);
  float d = skull_shape(p);
  d = join(d, ellipsoid(p, {0, 1.578f, 0.026f}, {0.080f, 0.076f, 0.078f}), 0.05f);
  d = join(d, ellipsoid(p, {0.040f, 1.578f, 0.058f}, {0.038f, 0.036f, 0.036f}), 0.03f);  // cheeks
  d = join(d, ellipsoid(p, {0, 1.532f, 0.068f}, {0.030f, 0.022f, 0.026f}), 0.035f);      // chin
  return join(d, cone(p, {0, 1.622f, 0.098f}, {0, 1.598f, 0.116f}, 0.0085f, 0.0118f), 0.022f);  // nose
}

float arm_shape(Vec3 p, float thicker) {
  p.x = std::abs(p.x);
  const float t = thicker;
  float d = cone(p, along_arm(0.0f), along_arm(0.11f), 0.047f + t, 0.044f + t);
  d = join(d, cone(p, along_arm(0.11f), along_arm(kUpperArm), 0.044f + t, 0.036f + t), 0.03f);
  d = join(d, cone(p, along_arm(kUpperArm), along_arm(kUpperArm + 0.07f), 0.036f + t, 0.0385f + t), 0.03f);
  return join(d, cone(p, along_arm(kUpperArm + 0.07f), along_arm(kUpperArm + kForearm), 0.0385f + t, 0.027f + t),
              0.04f);
}

float torso_shape(Vec3 p, float thicker) {
  p.x = std::abs(p.x);
  const float t = thicker;
  float d = ellipsoid(p, {0, 1.285f, -0.004f}, {0.148f + t, 0.165f + t, 0.102f + t});
  d = join(d, ellipsoid(p, {0, 1.05f, -0.004f}, {0.138f + t, 0.20f + t, 0.096f + t}), 0.09f);
  d = join(d, ellipsoid(p, {0, 0.93f, -0.012f}, {0.152f + t, 0.10f + t, 0.108f + t}), 0.07f);
  return join(d, cone(p, {0.02f, 1.415f, -0.020f}, {0.138f, 1.374f, -0.014f}, 0.046f + t, 0.044f + t), 0.05f);
}

float legs_shape(Vec3 p, float thicker) {
  p.x = std::abs(p.x);
  const Vec3 hip = place_of(thigh_l), knee = place_of(shin_l), ankle = place_of(foot_l);
  const Vec3 calf = lerp(knee, ankle, 0.3f) + Vec3{0, 0, -0.014f};
  const float t = thicker;
  float d = cone(p, hip + Vec3{-0.008f, -0.02f, -0.004f}, knee, 0.086f + t, 0.057f + t);
  d = join(d, cone(p, knee, calf, 0.055f + t, 0.058f + t), 0.03f);
  return join(d, cone(p, calf, ankle, 0.057f + t, 0.036f + t), 0.03f);
}

float body_shape(Vec3 p) {
  float d = std::min(head_shape(p), torso_shape(p, 0));
  d = std::min(d, legs_shape(p, 0.006f));
  return std::min(d, cone(p, {0, 1.40f, -0.026f}, {0, 1.55f, -0.008f}, 0.056f, 0.052f));
}

namespace {

float hand_shape(Vec3 p) {
  const Vec3 wrist = along_arm(kUpperArm + kForearm);
  const Vec3 down = kArm, in{-0.788f, -0.6150f, 0};  // towards the fingers, towards the body (the palm)
  const Vec3 forward{0, 0, 1};
  const auto at = [&](float a, float b, float c) { return wrist + down * a + in * b + forward * c; };
  // The palm and the fingers are flat: distances across the palm count more.
  const Vec3 q = p + in * (gltf::dot(p - wrist, in) * 0.75f);
  const auto flat = [&](float a, float b, float c) { return at(a, b * 1.75f, c); };
  float d = cone(q, flat(0.035f, 0, -0.010f), flat(0.070f, 0.003f, -0.008f), 0.034f, 0.037f);
  d = join(d, cone(q, flat(0.035f, 0, 0.010f), flat(0.070f, 0.003f, 0.012f), 0.034f, 0.036f), 0.02f);
  d = join(d, cone(q, flat(0.075f, 0.003f, 0.002f), flat(0.128f, 0.014f, 0.000f), 0.040f, 0.030f), 0.03f);
  d = join(d, cone(p, at(-0.02f, 0, 0), at(0.03f, 0, 0), 0.029f, 0.027f), 0.025f);
  const float thumb = join(cone(p, at(0.030f, 0.006f, 0.026f), at(0.060f, 0.016f, 0.052f), 0.018f, 0.016f),
                           cone(p, at(0.060f, 0.016f, 0.052f), at(0.090f, 0.020f, 0.058f), 0.016f, 0.013f), 0.01f);
  return join(d, thumb, 0.016f);
}

float shoe_shape(Vec3 p) {
  const Vec3 ankle = place_of(foot_l);
  float d = ellipsoid(p, {0.104f, 0.030f, 0.085f}, {0.047f, 0.045f, 0.075f});
  d = join(d, ellipsoid(p, {0.100f, 0.043f, -0.031f}, {0.041f, 0.060f, 0.049f}), 0.06f);
  d = join(d, cone(p, ankle + Vec3{0, -0.01f, -0.004f}, {0.102f, 0.062f, 0.045f}, 0.042f, 0.036f), 0.04f);
  d = carve(d, cone(p, ankle + Vec3{0, 0.035f, 0}, ankle + Vec3{0, 0.10f, 0}, 0.040f, 0.040f), 0.008f);
  return meet(d, 0.016f - p.y, 0.006f);
}

float sole_shape(Vec3 p) {
  const float outline = join(ellipsoid({p.x, 0, p.z}, {0.106f, 0, 0.075f}, {0.052f, 1, 0.090f}),
                             ellipsoid({p.x, 0, p.z}, {0.100f, 0, -0.035f}, {0.045f, 1, 0.062f}), 0.05f);
  const float toe_lift = 0.012f * clamp01((p.z - 0.10f) / 0.06f);
  return meet(meet(outline, p.y - 0.026f - toe_lift, 0.008f), 0.001f + toe_lift - p.y, 0.006f);
}

}  // namespace

std::vector<Piece> body_pieces() {
  std::vector<Piece> all;
  const auto neck_field = [](Vec3 p) {
    float d = cone(p, {0, 1.385f, -0.030f}, {0, 1.56f, -0.006f}, 0.060f, 0.051f);
    d = join(d, ellipsoid(p, {0, 1.355f, -0.008f}, {0.115f, 0.050f, 0.070f}), 0.05f);
    return d;
  };
  const auto head_field = [](Vec3 p) {
    const Vec3 q{std::abs(p.x), p.y, p.z};
    float ear = ellipsoid(q, {0.101f, 1.612f, -0.012f}, {0.013f, 0.031f, 0.021f});
    ear = carve(ear, ellipsoid(q, {0.116f, 1.612f, -0.006f}, {0.009f, 0.019f, 0.011f}), 0.006f);
    return join(head_shape(p), ear, 0.010f);
  };
  const auto arm_field = [](Vec3 p) { return meet(arm_shape(p, 0), 0.125f - gltf::dot(p - kShoulder, kArm), 0.01f); };
  const auto leg_field = [](Vec3 p) { return meet(legs_shape(p, 0), p.y - 0.66f, 0.01f); };
  const Bounds left_arm{{0.14f, 0.93f, -0.09f}, {0.54f, 1.46f, 0.09f}};
  all.push_back({neck_field,
                 {{-0.16f, 1.28f, -0.12f}, {0.16f, 1.63f, 0.10f}},
                 0.012f,
                 always,
                 Slot::skin,
                 Follow::neck,
                 {130, 36, 12}});
  all.push_back({head_field,
                 {{-0.13f, 1.49f, -0.14f}, {0.13f, 1.77f, 0.15f}},
                 0.0075f,
                 always,
                 Slot::skin,
                 Follow::head,
                 {760, 120, 34}});
  // Bare arms and legs are worn like clothes: under sleeves and trousers they would show through where these bend.
  all.push_back({arm_field, left_arm, 0.010f, first_top, Slot::skin, Follow::upper, {170, 34, 10}, true});
  all.push_back({hand_shape,
                 {{0.42f, 0.80f, -0.08f}, {0.64f, 1.04f, 0.11f}},
                 0.0065f,
                 always,
                 Slot::skin,
                 Follow::hand,
                 {220, 40, 8},
                 true});
  for (std::uint8_t short_one : {first_bottom + 1, first_bottom + 2}) {
    all.push_back({leg_field,
                   {{0.005f, 0.05f, -0.12f}, {0.20f, 0.69f, 0.11f}},
                   0.013f,
                   short_one,
                   Slot::skin,
                   Follow::legs,
                   {130, 30, 8},
                   true});
  }
  all.push_back({shoe_shape,
                 {{0.03f, -0.02f, -0.12f}, {0.18f, 0.15f, 0.19f}},
                 0.0085f,
                 always,
                 Slot::shoes,
                 Follow::foot,
                 {170, 36, 10},
                 true});
  all.push_back({sole_shape,
                 {{0.03f, -0.02f, -0.12f}, {0.18f, 0.06f, 0.19f}},
                 0.0085f,
                 always,
                 Slot::white,
                 Follow::foot,
                 {70, 16, 0},
                 true});
  return all;
}

}  // namespace mw::kit::figure
