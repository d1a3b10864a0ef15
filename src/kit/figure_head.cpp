// Face and hair.
#include <cmath>

#include "kit/figure.h"

namespace mw::kit::figure {
namespace {

// The point of the face at (x, y), seen from the front.
Vec3 on_face(float x, float y) {
  Vec3 p{x, y, 0.2f};
  for (int i = 0; i < 64; ++i) p.z -= 0.8f * head_shape(p);
  return p;
}

// A rounded stroke over the face through three points, `proud` metres in front of it.
Field stroke(Vec2 a, Vec2 b, Vec2 c, float thick_middle, float thick_ends, float proud) {
  std::vector<Vec3> points;
  for (int i = 0; i <= 6; ++i) {
    const float t = static_cast<float>(i) / 6;
    const float u = (1 - t) * (1 - t), v = 2 * t * (1 - t), w = t * t;
    Vec3 p = on_face(u * a.x + v * b.x + w * c.x, u * a.y + v * b.y + w * c.y);
    p.z += proud;
    points.push_back(p);
  }
  return [points, thick_middle, thick_ends](Vec3 p) {
    float d = 1e9f;
    for (std::size_t i = 0; i + 1 < points.size(); ++i) {
      const auto thick = [&](std::size_t k) {
        const float s = 2 * std::abs(static_cast<float>(k) / 6 - 0.5f);
        return gltf::lerp(thick_middle, thick_ends, s * s);
      };
      d = std::min(d, cone(p, points[i], points[i + 1], thick(i), thick(i + 1)));
    }
    return d;
  };
}

Bounds around(Vec3 p, float reach) { return {p - Vec3{reach, reach, reach}, p + Vec3{reach, reach, reach}}; }

// The part of the head that hair leaves free: face and ears.
float face_cut(Vec3 p, float forehead) {
  const Vec3 q{std::abs(p.x), p.y, p.z};
  const float face = ellipsoid(q, {0, 1.560f, 0.135f}, {0.090f, forehead - 1.560f, 0.120f});
  const float ear = ellipsoid(q, {0.108f, 1.606f, 0.002f}, {0.040f, 0.044f, 0.032f});
  // In front of the ears nothing hangs below the eyes.
  const float whiskers = std::max(p.y - 1.618f, -0.008f - p.z);
  return std::min(join(face, ear, 0.02f), whiskers);
}

// Grooves along the strands, from the crown downwards.
float strands(Vec3 p, float turns, float deep) {
  const float around_crown = std::atan2(p.x, p.z + 0.01f);
  return deep * std::sin(around_crown * turns + 6.f * (p.y - 1.6f));
}

float crop(Vec3 p) {
  float d = skull_shape(p) - 0.013f + strands(p, 17, 0.0012f);
  d = meet(d, 1.555f - p.y + 0.25f * p.z, 0.012f);
  return carve(d, face_cut(p, 1.704f), 0.012f);
}

float quiff(Vec3 p) {
  float d = skull_shape(p) - 0.012f;
  float top = ellipsoid(p, {0.006f, 1.728f, 0.022f}, {0.085f, 0.046f, 0.092f});
  top = join(top, ellipsoid(p, {-0.018f, 1.748f, 0.072f}, {0.058f, 0.034f, 0.044f}), 0.03f);
  top += 0.0035f * std::sin(70 * (p.x + 0.35f * p.z));
  d = meet(d, 1.560f - p.y + 0.25f * p.z, 0.012f);
  d = carve(d, face_cut(p, 1.702f), 0.012f);
  return join(d, carve(top, ellipsoid(p, {0, 1.575f, 0.13f}, {0.12f, 0.115f, 0.10f}), 0.01f), 0.016f);
}

float bob(Vec3 p) {
  const Vec3 q{std::abs(p.x), p.y, p.z};
  float d = ellipsoid(q, {0, 1.650f, -0.012f}, {0.118f, 0.118f, 0.124f});
  d = join(d, ellipsoid(q, {0.066f, 1.555f, -0.018f}, {0.056f, 0.085f, 0.092f}), 0.05f);
  d = join(d, ellipsoid(q, {0, 1.565f, -0.060f}, {0.095f, 0.085f, 0.065f}), 0.04f);
  d += strands(p, 19, 0.0022f);
  d = meet(d, 1.492f - p.y + 0.10f * p.z, 0.018f);
  const float face = ellipsoid(q, {0, 1.545f, 0.125f}, {0.078f, 0.122f, 0.150f});
  const float fringe = p.y - 1.683f - 0.9f * p.x * p.x;  // the fringe hangs down to here
  d = carve(d, meet(face, fringe, 0.01f), 0.012f);
  return carve(d, ellipsoid(q, {0, 1.49f, 0.005f}, {0.062f, 0.14f, 0.085f}), 0.01f);
}

float long_hair_shape(Vec3 p) {
  const Vec3 q{std::abs(p.x), p.y, p.z};
  float d = ellipsoid(q, {0, 1.648f, -0.012f}, {0.116f, 0.117f, 0.124f});
  const float sway = 0.010f * std::sin(28 * p.y);
  d = join(d, ellipsoid({q.x, q.y, q.z + sway}, {0, 1.48f, -0.095f}, {0.118f, 0.21f, 0.050f}), 0.06f);
  d = join(d, ellipsoid(q, {0.083f, 1.52f, -0.028f}, {0.040f, 0.13f, 0.062f}), 0.04f);
  d += strands(p, 21, 0.0022f);
  const float part = 0.006f * std::exp(-std::pow((p.x - 0.03f) / 0.012f, 2.f)) * gltf::smoothstep(1.66f, 1.72f, p.y);
  d += part * gltf::smoothstep(-0.10f, 0.02f, p.z);
  d = carve(d, ellipsoid(q, {0, 1.560f, 0.128f}, {0.082f, 0.138f, 0.130f}), 0.012f);
  d = carve(d, ellipsoid(q, {0, 1.47f, 0.012f}, {0.070f, 0.16f, 0.085f}), 0.01f);
  return meet(d, 1.295f + 0.55f * q.x * q.x - p.y, 0.03f);
}

float bun(Vec3 p) {
  float d = skull_shape(p) - 0.013f + strands(p, 15, 0.0015f);
  d = meet(d, 1.545f - p.y + 0.30f * p.z, 0.014f);
  d = carve(d, face_cut(p, 1.708f), 0.012f);
  const Vec3 middle{0, 1.742f, -0.088f};
  const float knot = sphere(p, middle, 0.052f) + 0.0035f * std::sin(9 * std::atan2(p.x, p.z - middle.z) + 55 * p.y);
  return join(d, knot, 0.018f);
}

float curls(Vec3 p) {
  const Vec3 q{std::abs(p.x), p.y, p.z};
  float d = ellipsoid(q, {0, 1.668f, -0.028f}, {0.150f, 0.138f, 0.142f});
  d += 0.007f * std::sin(58 * p.x) * std::sin(58 * p.y + 1) * std::sin(58 * p.z);
  d = meet(d, 1.550f - p.y + 0.18f * p.z, 0.03f);
  d = carve(d, ellipsoid(q, {0, 1.560f, 0.140f}, {0.100f, 0.134f, 0.130f}), 0.022f);
  return carve(d, ellipsoid(q, {0.115f, 1.600f, 0.022f}, {0.050f, 0.040f, 0.040f}), 0.02f);
}

}  // namespace

std::vector<Piece> face_pieces() {
  std::vector<Piece> all;
  const Vec3 eye = on_face(0.0385f, 1.626f);
  const Vec3 white = eye + Vec3{0, 0, -0.0045f}, iris = eye + Vec3{-0.0015f, -0.0005f, 0.0030f};
  const auto add = [&](Field field, Bounds bounds, float step, Slot slot, std::array<int, 3> triangles, bool mirrored,
                       Face face) {
    Piece piece{std::move(field), bounds, step, always, slot, Follow::head, triangles, mirrored, face};
    all.push_back(std::move(piece));
  };
  add([white](Vec3 p) { return ellipsoid(p, white, {0.0185f, 0.0215f, 0.0095f}); }, around(white, 0.026f), 0.0045f,
      Slot::white, {44, 0, 0}, true, Face::eye);
  add([iris](Vec3 p) { return ellipsoid(p, iris, {0.0125f, 0.0165f, 0.0042f}); }, around(iris, 0.02f), 0.0035f,
      Slot::dark, {40, 10, 0}, true, Face::eye);
  const Vec3 spark = iris + Vec3{0.0038f, 0.0062f, 0.0036f};
  add([spark](Vec3 p) { return sphere(p, spark, 0.0034f); }, around(spark, 0.006f), 0.0022f, Slot::white, {14, 0, 0},
      false, Face::eye);
  const Vec3 spark_r{-iris.x + 0.0038f, spark.y, spark.z};
  add([spark_r](Vec3 p) { return sphere(p, spark_r, 0.0034f); }, around(spark_r, 0.006f), 0.0022f, Slot::white,
      {14, 0, 0}, false, Face::eye);
  add(stroke({0.0175f, 1.640f}, {0.038f, 1.662f}, {0.0615f, 1.636f}, 0.0036f, 0.0018f, 0.0015f),
      {{0.010f, 1.625f, 0.05f}, {0.07f, 1.668f, 0.13f}}, 0.0032f, Slot::dark, {40, 0, 0}, true, Face::eye);  // lashes
  add(stroke({0.0175f, 1.6755f}, {0.042f, 1.6880f}, {0.066f, 1.6660f}, 0.0052f, 0.0026f, 0.0015f),
      {{0.004f, 1.655f, 0.04f}, {0.08f, 1.695f, 0.14f}}, 0.0042f, Slot::hair, {50, 10, 0}, true, Face::none);  // brows
  add(stroke({-0.0285f, 1.5685f}, {0.f, 1.5465f}, {0.0285f, 1.5685f}, 0.0038f, 0.0024f, 0.0008f),
      {{-0.035f, 1.545f, 0.06f}, {0.035f, 1.575f, 0.13f}}, 0.0034f, Slot::dark, {52, 10, 0}, false, Face::mouth);
  return all;
}

std::vector<Piece> hair_pieces() {
  std::vector<Piece> all;
  const Bounds head{{-0.17f, 1.46f, -0.19f}, {0.17f, 1.83f, 0.16f}};
  const auto add = [&](float (*field)(Vec3), Bounds bounds, float step, std::array<int, 3> triangles, Follow follow) {
    const auto part = static_cast<std::uint8_t>(first_hair + all.size());
    all.push_back({field, bounds, step, part, Slot::hair, follow, triangles, false, Face::none, 0.12f});
  };
  add(crop, head, 0.0085f, {360, 70, 34}, Follow::head);
  add(quiff, head, 0.0085f, {460, 80, 36}, Follow::head);
  add(bob, head, 0.0090f, {520, 90, 40}, Follow::head);
  add(long_hair_shape, {{-0.17f, 1.24f, -0.20f}, {0.17f, 1.83f, 0.16f}}, 0.0095f, {640, 104, 42}, Follow::long_hair);
  add(bun, head, 0.0085f, {480, 80, 36}, Follow::head);
  add(curls, head, 0.0100f, {560, 90, 36}, Follow::head);
  return all;
}

}  // namespace mw::kit::figure
