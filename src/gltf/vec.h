// Vectors, quaternions and 4x4 matrices for making and reading models. Single precision with libm: nothing here has to
// agree between machines (what has to, stands in motion/ and wire/). Axes are glTF's: y up, metres, radians.
// Thread: plain values.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace mw::gltf {

inline constexpr float kPi = 3.14159265358979f;

struct Vec2 {
  float x = 0, y = 0;
};

struct Vec3 {
  float x = 0, y = 0, z = 0;
  constexpr float& operator[](int axis) { return axis == 0 ? x : axis == 1 ? y : z; }
  constexpr float operator[](int axis) const { return axis == 0 ? x : axis == 1 ? y : z; }
  friend constexpr Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend constexpr Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend constexpr Vec3 operator-(Vec3 a) { return {-a.x, -a.y, -a.z}; }
  friend constexpr Vec3 operator*(Vec3 a, float s) { return {a.x * s, a.y * s, a.z * s}; }
  friend constexpr Vec3 operator*(float s, Vec3 a) { return a * s; }
  friend constexpr Vec3 operator*(Vec3 a, Vec3 b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; }
  constexpr Vec3& operator+=(Vec3 b) { return *this = *this + b; }
  constexpr Vec3& operator-=(Vec3 b) { return *this = *this - b; }
  constexpr Vec3& operator*=(float s) { return *this = *this * s; }
  friend constexpr bool operator==(Vec3, Vec3) = default;
};

constexpr float dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
constexpr Vec3 cross(Vec3 a, Vec3 b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
inline float length(Vec3 a) { return std::sqrt(dot(a, a)); }
// A zero vector stays zero.
inline Vec3 normalised(Vec3 a) {
  const float l = length(a);
  return l > 1e-12f ? a * (1 / l) : a;
}
constexpr Vec3 lerp(Vec3 a, Vec3 b, float t) { return a + (b - a) * t; }
constexpr float lerp(float a, float b, float t) { return a + (b - a) * t; }
constexpr float clamp01(float t) { return t < 0 ? 0 : t > 1 ? 1 : t; }
constexpr float smoothstep(float from, float to, float value) {
  const float t = clamp01((value - from) / (to - from));
  return t * t * (3 - 2 * t);
}
constexpr Vec3 min(Vec3 a, Vec3 b) { return {std::min(a.x, b.x), std::min(a.y, b.y), std::min(a.z, b.z)}; }
constexpr Vec3 max(Vec3 a, Vec3 b) { return {std::max(a.x, b.x), std::max(a.y, b.y), std::max(a.z, b.z)}; }

struct Bounds {
  Vec3 low{1e30f, 1e30f, 1e30f}, high{-1e30f, -1e30f, -1e30f};  // empty until something was added
  bool empty() const { return low.x > high.x; }
  void add(Vec3 p) { low = min(low, p), high = max(high, p); }
  Vec3 size() const { return high - low; }
  Vec3 middle() const { return (low + high) * 0.5f; }
};

struct Quat {
  float x = 0, y = 0, z = 0, w = 1;
  friend constexpr Quat operator*(Quat a, Quat b) {
    return {a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y, a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
            a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w, a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z};
  }
};

inline Quat turn(Vec3 axis, float angle) {
  const Vec3 a = normalised(axis) * std::sin(angle / 2);
  return {a.x, a.y, a.z, std::cos(angle / 2)};
}
inline Quat turn_x(float angle) { return {std::sin(angle / 2), 0, 0, std::cos(angle / 2)}; }
inline Quat turn_y(float angle) { return {0, std::sin(angle / 2), 0, std::cos(angle / 2)}; }
inline Quat turn_z(float angle) { return {0, 0, std::sin(angle / 2), std::cos(angle / 2)}; }
constexpr Quat conjugate(Quat q) { return {-q.x, -q.y, -q.z, q.w}; }
constexpr Vec3 rotate(Quat q, Vec3 v) {
  const Vec3 u{q.x, q.y, q.z};
  const Vec3 t = cross(u, v) * 2;
  return v + t * q.w + cross(u, t);
}
inline Quat normalised(Quat q) {
  const float l = std::sqrt(q.x * q.x + q.y * q.y + q.z * q.z + q.w * q.w);
  return l > 1e-12f ? Quat{q.x / l, q.y / l, q.z / l, q.w / l} : Quat{};
}

struct Transform {
  Vec3 translation;
  Quat rotation;
  Vec3 scale{1, 1, 1};
  Vec3 operator()(Vec3 p) const { return translation + rotate(rotation, p * scale); }
};

// Column-major, as in glTF.
struct Mat4 {
  std::array<float, 16> m{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
  Vec3 operator()(Vec3 p) const {
    return {m[0] * p.x + m[4] * p.y + m[8] * p.z + m[12], m[1] * p.x + m[5] * p.y + m[9] * p.z + m[13],
            m[2] * p.x + m[6] * p.y + m[10] * p.z + m[14]};
  }
  friend Mat4 operator*(const Mat4& a, const Mat4& b) {
    Mat4 out;
    for (std::size_t c = 0; c < 4; ++c) {
      for (std::size_t r = 0; r < 4; ++r) {
        float sum = 0;
        for (std::size_t k = 0; k < 4; ++k) sum += a.m[k * 4 + r] * b.m[c * 4 + k];
        out.m[c * 4 + r] = sum;
      }
    }
    return out;
  }
};

inline Mat4 matrix(const Transform& t) {
  const Vec3 x = rotate(t.rotation, {t.scale.x, 0, 0}), y = rotate(t.rotation, {0, t.scale.y, 0}),
             z = rotate(t.rotation, {0, 0, t.scale.z}), p = t.translation;
  return {{x.x, x.y, x.z, 0, y.x, y.y, y.z, 0, z.x, z.y, z.z, 0, p.x, p.y, p.z, 1}};
}

}  // namespace mw::gltf
