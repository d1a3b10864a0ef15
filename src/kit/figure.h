// The parts of a person, for person.cpp: skeleton, pieces (skin, hair, clothing), weights, clips.
// The person stands at the origin, 1.75 m tall, looks along +z, arms hanging at 38 degrees; +x is the person's left.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "gltf/model.h"
#include "kit/field.h"

namespace mw::kit::figure {

using gltf::Joints;
using gltf::Quat;
using gltf::Weights;

enum Joint : std::uint8_t {
  root,
  hips,
  spine,
  chest,
  neck,
  head,
  shoulder_l,
  arm_l,
  forearm_l,
  hand_l,
  thigh_l,
  shin_l,
  foot_l,
  toe_l,
  shoulder_r,
  arm_r,
  forearm_r,
  hand_r,
  thigh_r,
  shin_r,
  foot_r,
  toe_r,
  joint_count
};

struct JointInfo {
  std::string_view name;
  int parent;  // -1 for the root
  Vec3 position;  // in the bind pose
};
const std::array<JointInfo, joint_count>& skeleton();
inline Vec3 place_of(Joint joint) { return skeleton()[joint].position; }
constexpr Joint other_side(Joint joint) {
  if (joint < shoulder_l) return joint;
  return static_cast<Joint>(joint < shoulder_r ? joint + 8 : joint - 8);
}

// Colour slots of _PART.y.
enum class Slot : std::uint8_t { skin, hair, top, bottom, shoes, accent, white, dark };

// Part indices of _PART.x: 0 is always shown.
enum PartIndex : std::uint8_t {
  always = 0,
  first_hair = 1,    // six
  first_top = 7,     // three
  the_jacket = 10,
  first_bottom = 11, // three
  first_hat = 14,    // two
  the_scarf = 16,
  held_scarf = 17,  // no clothing: shown instead of the other one by who waves it (clip wave_scarf)
  part_count
};

// How a piece follows the skeleton.
enum class Follow : std::uint8_t { head, neck, upper, hand, legs, skirt, foot, long_hair };

// What a face does without bones, _PART.w: a renderer squashes eyes to blink and stretches the mouth to speak.
enum class Face : std::uint8_t { none = 0, eye = 1, mouth = 2 };

struct Piece {
  Field field;
  Bounds bounds;
  float step = 0.01f;
  std::uint8_t part = always;
  Slot slot = Slot::skin;
  Follow follow = Follow::upper;
  std::array<int, 3> triangles{};  // per level of detail; 0 leaves the piece out
  bool mirrored = false;           // a copy on the other side
  Face face = Face::none;
  float fade = 0;                  // darkens downwards over the piece by this share
};

std::vector<Piece> body_pieces();
std::vector<Piece> face_pieces();
std::vector<Piece> hair_pieces();
std::vector<Piece> clothes_pieces();

// Distances that several pieces share.
float head_shape(Vec3 p);   // skull, jaw, nose; without ears
float skull_shape(Vec3 p);  // without jaw and nose
float arm_shape(Vec3 p, float thicker);    // both sides
float torso_shape(Vec3 p, float thicker);  // without arms
float legs_shape(Vec3 p, float thicker);
float body_shape(Vec3 p);   // everything bare, for occlusion

void weigh(Vec3 p, Follow follow, Joints& joints, Weights& weights);

struct ClipPose {
  Vec3 hips_move;
  std::array<Quat, joint_count> turn;  // local, identity is the bind pose
};
struct ClipSource {
  std::string_view name;
  float seconds;
  int frames;  // keys are frames + 1, the last equals the first for loops
  ClipPose (*pose)(float phase);  // phase 0 to 1
};
const std::vector<ClipSource>& clips();
// Where a joint is in the world in a pose, and how it is turned against the bind pose.
Vec3 place_in(const ClipPose& pose, Joint joint, Quat& turned);

// The scarf that hangs between the hands, of part `held_scarf`, the same at all levels of detail. Weighted, with _PART.
gltf::Primitive scarf_in_hands();

}  // namespace mw::kit::figure
