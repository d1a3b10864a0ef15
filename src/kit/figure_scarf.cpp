// A scarf held up in both hands: a bar from hand to hand, and an end that hangs from each. Every corner follows one hand alone. It is
// laid out in the pose that opens the clip `wave_scarf`, and taken back from there into the bind pose, so that there it is straight.
#include <algorithm>
#include <array>

#include "base/assert.h"
#include "kit/figure.h"

namespace mw::kit::figure {
namespace {

constexpr float kHalfWide = 0.085f, kHalfThick = 0.006f;  // m
constexpr float kHanging = 0.30f, kEnd = 0.17f;  // an end: below the hands, and wide
constexpr float kPalm = 0.075f;  // from the wrist
constexpr std::uint8_t kLight = 240;

struct Hand {
  Joint joint;
  Vec3 wrist, grip;  // in the pose
  Quat turned;
};

Hand hand_of(const ClipPose& pose, Joint joint) {
  Hand hand{joint, {}, {}, {}};
  hand.wrist = place_in(pose, joint, hand.turned);
  const Vec3 along = gltf::normalised(place_of(joint) - place_of(static_cast<Joint>(joint - 1)));
  hand.grip = hand.wrist + gltf::rotate(hand.turned, along * kPalm);
  return hand;
}

struct Corner {
  const Hand* hand;
  Vec3 at;  // in the pose
};

// Corners against the clock, seen from where the normal points.
void face(gltf::Primitive& out, const std::array<Corner, 4>& corners, Vec3 normal, Slot slot) {
  const auto first = static_cast<std::uint32_t>(out.positions.size());
  for (const Corner& corner : corners) {
    const Hand& hand = *corner.hand;
    const Quat back = gltf::conjugate(hand.turned);
    out.positions.push_back(place_of(hand.joint) + gltf::rotate(back, corner.at - hand.wrist));
    out.normals.push_back(gltf::rotate(back, normal));
    out.joints.push_back({static_cast<std::uint8_t>(hand.joint), 0, 0, 0});
    out.weights.push_back({1, 0, 0, 0});
    out.custom[0].values.push_back({held_scarf, static_cast<std::uint8_t>(slot), kLight, 0});
  }
  for (const std::uint32_t k : {0u, 1u, 2u, 0u, 2u, 3u}) out.indices.push_back(first + k);
}

// A sheet with two faces, a little apart.
void sheet(gltf::Primitive& out, std::array<Corner, 4> corners, Slot slot) {
  for (Corner& corner : corners) corner.at.z += kHalfThick;
  face(out, corners, {0, 0, 1}, slot);
  std::ranges::reverse(corners);
  for (Corner& corner : corners) corner.at.z -= 2 * kHalfThick;
  face(out, corners, {0, 0, -1}, slot);
}

}  // namespace

gltf::Primitive scarf_in_hands() {
  const auto clip = std::ranges::find(clips(), "wave_scarf", &ClipSource::name);
  MW_ASSERT(clip != clips().end());
  const ClipPose pose = clip->pose(0);
  const Hand left = hand_of(pose, hand_l), right = hand_of(pose, hand_r);
  gltf::Primitive out;
  out.custom.push_back({"_PART", {}});
  const Vec3 up{0, kHalfWide, 0};
  sheet(out, {{{&right, right.grip - up}, {&left, left.grip - up}, {&left, left.grip + up}, {&right, right.grip + up}}},
        Slot::accent);
  for (const Hand* hand : {&left, &right}) {
    // To the outside of the hand, and a hand's breadth behind the bar.
    const float outside = hand == &left ? kEnd : -kEnd, inside = outside > 0 ? 0.f : outside;
    const auto at = [&](float x, float y) { return Corner{hand, hand->grip + Vec3{x, y, -0.02f}}; };
    sheet(out,
          {{at(inside, -kHanging), at(inside + kEnd, -kHanging), at(inside + kEnd, kHalfWide), at(inside, kHalfWide)}},
          Slot::white);
  }
  return out;
}

}  // namespace mw::kit::figure
