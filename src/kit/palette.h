// Colours: palettes of people, the shared tones of scenes, and sRGB to the linear bytes of COLOR_0.
// Thread: pure functions.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "data/json.h"
#include "gltf/model.h"
#include "kit/kit.h"

namespace mw::kit {

using Srgb = std::uint32_t;  // 0xRRGGBB

gltf::Vec3 linear(Srgb colour);                               // 0 to 1
gltf::Rgba8 shaded(Srgb colour, float light, float alpha = 1);  // linear bytes, darkened by `light`
std::string hex(Srgb colour);                                 // "#RRGGBB"
Result<Srgb> from_hex(std::string_view text);                 // error without a field
Srgb mix(Srgb a, Srgb b, float t);

std::span<const Srgb> skin_palette();
std::span<const Srgb> hair_palette();
std::span<const Srgb> clothes_palette();  // twelve that stay apart under colour blindness (tested)
Json hex_list(std::span<const Srgb> palette);

// Which parts of the person's mesh show, by bits; and the colours of its eight slots.
std::uint32_t part_mask(const Appearance& look);
std::array<Srgb, 8> slot_colours(const Appearance& look);
Json under_hat();  // for each shape of hair, the part that takes its place under a hat

}  // namespace mw::kit
