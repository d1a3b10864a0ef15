// The roof over the stands: a ring on ribs, floodlights along its inner edge, and a screen over either end.
#include <cmath>
#include <string_view>

#include "kit/stadium.h"

namespace mw::kit::stadium {
namespace {

// The underside rises towards the field; `share` 0 is the inner edge.
float under(const Shape& shape, float share) { return shape.roof - 3.2f * share * share; }

Thing floodlight() {
  Thing out;
  Sculpture& s = out.shape;
  // Tilted down to the field.
  s.place = {{0, -0.55f, 0.15f}, gltf::turn_x(0.62f), {1, 1, 1}};
  s.use(Finish::metal, tone::kInk);
  s.box({0, 0, -0.12f}, {2.3f, 0.95f, 0.22f}, 0.03f);
  s.use(Finish::glow, 0xFFFFFF);
  for (int i = 0; i < 4; ++i) {
    const float x = 0.55f * (static_cast<float>(i) - 1.5f);
    s.flat_quad({x - 0.23f, -0.38f, 0.01f}, {x + 0.23f, -0.38f, 0.01f}, {x + 0.23f, 0.38f, 0.01f},
                {x - 0.23f, 0.38f, 0.01f});
  }
  s.place = {};
  return out;
}

// A rib below the roof: 1 m long, 1 m deep at the back, to be scaled along z.
Thing rib() {
  Thing out;
  Sculpture& s = out.shape;
  s.use(Finish::matt, 0xC9C4BC);
  constexpr float w = 0.14f;
  const auto p = [&](float x, float y, float z) { return Vec3{x, y, z}; };
  // +z is the inner end, z = 0, where the rib is thin.
  for (const float x : {-w, w}) {
    const Vec3 a = p(x, 0, 0), b = p(x, -0.35f, 0), c = p(x, -1.5f, -1), d = p(x, 0, -1);
    if (x > 0) {
      s.flat_quad(b, c, d, a);
    } else {
      s.flat_quad(c, b, a, d);
    }
  }
  s.flat_quad(p(-w, -0.35f, 0), p(-w, -1.5f, -1), p(w, -1.5f, -1), p(w, -0.35f, 0));
  s.flat_quad(p(-w, -0.35f, 0), p(w, -0.35f, 0), p(w, 0, 0), p(-w, 0, 0));
  return out;
}

// Digits of three by five dots, rows from the top.
constexpr std::array<std::string_view, 11> kDigits{
    "111101101101111", "010110010010111", "111001111100111", "111001111001111", "101101111001001", "111100111001111",
    "111100111101111", "111001001001001", "111101111101111", "111101111001111", "000010000010000"};

void write(Sculpture& s, std::string_view text, Vec2 corner, float dot) {
  for (const char c : text) {
    const auto glyph = c == ':' ? std::size_t{10} : static_cast<std::size_t>(c - '0');
    for (std::size_t i = 0; i < 15; ++i) {
      if (glyph >= kDigits.size() || kDigits[glyph][i] != '1') continue;
      const float x = corner.x + dot * static_cast<float>(i % 3), y = corner.y - dot * static_cast<float>(i / 3);
      const float size = dot * 0.9f;
      s.flat_quad({x, y - size, 0.03f}, {x + size, y - size, 0.03f}, {x + size, y, 0.03f}, {x, y, 0.03f});
    }
    corner.x += dot * 4;
  }
}

// 24 by 9 metres: the score, the time, and a bar of the minutes played.
Thing screen(Srgb accent) {
  Thing out;
  Sculpture& s = out.shape;
  s.use(Finish::metal, tone::kInk);
  s.box({0, 0, -0.45f}, {25, 10, 0.8f}, 0.08f);
  const auto field = [&](Srgb colour, float x0, float y0, float x1, float y1, float z) {
    s.use(Finish::board, colour);
    s.flat_quad({x0, y0, z}, {x1, y0, z}, {x1, y1, z}, {x0, y1, z});
  };
  field(0x1B2233, -12, -4.5f, 12, 4.5f, 0);
  field(accent, -12, -4.5f, -11.1f, 4.5f, 0.02f), field(0x3A86A8, 11.1f, -4.5f, 12, 4.5f, 0.02f);
  field(0x2B3550, -9.6f, -3.4f, 9.6f, -2.7f, 0.02f), field(accent, -9.6f, -3.4f, 4.6f, -2.7f, 0.03f);
  s.use(Finish::board, 0xF4F2EE);
  write(s, "2", {-9.2f, 3.5f}, 1.05f), write(s, "1", {6.1f, 3.5f}, 1.05f);
  s.use(Finish::board, 0xF2C14E);
  write(s, "67:24", {-4.4f, 2.0f}, 0.46f);
  s.use(Finish::metal, tone::kSlate);
  for (const float x : {-9.f, 9.f}) {
    const std::array<Vec3, 2> path{{{x, 5, -0.4f}, {x, 8.2f, -0.4f}}};
    const std::array<float, 2> radii{0.12f, 0.12f};
    s.tube(path, radii, 6);
  }
  return out;
}

}  // namespace

void add_roof(Layout& layout, const Shape& shape, Srgb accent) {
  const Ring& ring = shape.ring;
  const float inner = kRoofInner, outer = shape.upper_end + 3.5f, deep = outer - inner;
  const auto at = [&](float share, float open) { return Edge{inner + deep * share, under(shape, share), open}; };
  Sculpture& s = layout.built;
  s.use(Finish::matt, 0xE4DFD6);
  const std::array<Edge, 4> below{at(1, 0.6f), at(0.66f, 0.72f), at(0.33f, 0.86f), at(0, 1)};
  sweep(s, ring, below);
  const float edge = under(shape, 0), rim = under(shape, 1);
  s.use(Finish::board, 0xFFF3DC);  // a line of light along the inner edge
  const std::array<Edge, 2> light{{{inner, edge}, {inner, edge + 0.3f}}};
  sweep(s, ring, light);
  s.use(Finish::matt, 0xD3CDC3);
  const std::array<Edge, 4> above{{{inner, edge + 0.3f}, {inner, edge + 1.3f}, {outer, rim + 1.6f}, {outer, rim}}};
  sweep(s, ring, above);
  const int ribs = layout.kind("rib", rib(), false), floods = layout.kind("floodlight", floodlight(), false),
            masts = layout.kind(
                "mast",
                [] {
                  Thing out;
                  out.shape.use(Finish::metal, 0x8E8A84);
                  out.shape.box({0, 0.5f, 0}, {0.5f, 1, 0.7f}, 0);
                  return out;
                }(),
                false);
  for (int side = 0; side < kRingSides; ++side) {
    const int bays = std::max(3, static_cast<int>(std::lround(ring.length(side, inner + 20) / 8)));
    for (int i = 0; i < bays; ++i) {
      const float share = static_cast<float>(i) / static_cast<float>(bays);
      Transform place = frame(ring, side, share, inner, edge - 0.02f);
      // From the edge to the back it falls with the roof.
      const float fall = std::atan2(edge - rim, deep);
      place.rotation = place.rotation * gltf::turn_x(-fall);
      place.scale = {1, 1, deep / std::cos(fall)};
      layout.put(ribs, place);
      Transform mast = frame(ring, side, share, shape.upper_end + 1.2f, shape.concourse);
      mast.scale = {1, rim - shape.concourse + 0.4f, 1};
      layout.put(masts, mast);
      for (const float k : {0.25f, 0.5f, 0.75f})
        layout.put(floods, frame(ring, side, (static_cast<float>(i) + k) / static_cast<float>(bays), inner + 0.5f,
                                 edge - 0.1f));
    }
  }
  const int screens = layout.kind("screen", screen(accent), false);
  for (const int side : {2, 6}) {
    Transform place = frame(ring, side, 0.5f, inner + 4, edge - 8.6f);
    place.rotation = place.rotation * gltf::turn_x(0.16f);
    layout.put(screens, place);
  }
  // What all floodlights together give, as two lamps: a renderer can afford two.
  for (const float x : {-0.45f, 0.45f}) layout.flood({ring.half_x * 2 * x, shape.roof + 6, 0}, 2000, 260);
}

}  // namespace mw::kit::stadium
