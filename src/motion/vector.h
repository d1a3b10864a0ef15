// Arithmetic on Vec3 and on the ground plane, without libm: the order of operations is what both builds agree on.
#pragma once

#include "motion/collision.h"

namespace mw::motion {

inline Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec3 operator*(Vec3 a, float k) { return {a.x * k, a.y * k, a.z * k}; }
inline float dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vec3 cross(Vec3 a, Vec3 b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }

// The square root is exact by IEEE 754 everywhere; the builtin is one instruction in both builds.
inline float root(float v) { return __builtin_sqrtf(v > 0 ? v : 0); }
inline float length_flat(float x, float z) { return root(x * x + z * z); }
inline float least(float a, float b) { return b < a ? b : a; }
inline float most(float a, float b) { return a < b ? b : a; }
inline float within(float v, float low, float high) { return least(most(v, low), high); }
inline float absolute(float v) { return v < 0 ? -v : v; }

}  // namespace mw::motion
