#include "kit/palette.h"

#include <cmath>

#include "base/format.h"

namespace mw::kit {
namespace {

using gltf::Vec3;

float to_linear(float s) { return s <= 0.04045f ? s / 12.92f : std::pow((s + 0.055f) / 1.055f, 2.4f); }
float channel(Srgb colour, int shift) { return static_cast<float>(colour >> shift & 255) / 255; }

constexpr std::array<Srgb, 8> kSkin{0xF7DAC4, 0xEEC4A4, 0xDDAA82, 0xC68D63, 0xA66F48, 0x84553A, 0x633F2D, 0x492E23};
constexpr std::array<Srgb, 8> kHair{0x211E20, 0x3A2720, 0x5C3B28, 0x7E4D2E, 0xA0482A, 0xB88B4E, 0xE3C480, 0xBDBCB8};
constexpr std::array<Srgb, 12> kClothes{0xF3EEE4, 0x24282E, 0x8E9499, 0xC8352E, 0xEE7F2F, 0xF4CB45,
                                        0x8DB04F, 0x1E5E4B, 0x45AFC9, 0x2B4690, 0x8C60B8, 0xEBA3B7};

}  // namespace

Vec3 linear(Srgb colour) {
  return {to_linear(channel(colour, 16)), to_linear(channel(colour, 8)), to_linear(channel(colour, 0))};
}

gltf::Rgba8 shaded(Srgb colour, float light, float alpha) {
  const Vec3 c = linear(colour) * light;
  const auto byte = [](float v) { return static_cast<std::uint8_t>(std::lround(gltf::clamp01(v) * 255)); };
  return {byte(c.x), byte(c.y), byte(c.z), byte(alpha)};
}

std::string hex(Srgb colour) { return format("#{:06X}", colour & 0xFFFFFF); }

Result<Srgb> from_hex(std::string_view text) {
  if (text.size() == 7 && text[0] == '#') {
    Srgb value = 0;
    bool good = true;
    for (char c : text.substr(1)) {
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      good &= digit >= 0;
      value = value << 4 | static_cast<Srgb>(digit & 15);
    }
    if (good) return value;
  }
  return invalid("", "expected a colour such as \"#2A9D8F\"");
}

Srgb mix(Srgb a, Srgb b, float t) {
  Srgb out = 0;
  for (int shift : {16, 8, 0}) {
    const float c = gltf::lerp(channel(a, shift), channel(b, shift), t);
    out |= static_cast<Srgb>(std::lround(c * 255)) << shift;
  }
  return out;
}

std::span<const Srgb> skin_palette() { return kSkin; }
std::span<const Srgb> hair_palette() { return kHair; }
std::span<const Srgb> clothes_palette() { return kClothes; }

Json hex_list(std::span<const Srgb> palette) {
  Json out = Json::array();
  for (Srgb colour : palette) out.push_back(hex(colour));
  return out;
}

}  // namespace mw::kit
