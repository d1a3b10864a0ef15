#include <array>
#include <cmath>
#include <limits>

#include "base/format.h"
#include "kit/figure.h"
#include "kit/kit.h"
#include "kit/palette.h"
#include "kit/things.h"

namespace mw::kit {
namespace {

constexpr std::uint8_t kWhite = 0, kBlack = 1, kGrey = 2, kDeepGreen = 7, kNavy = 9;
constexpr std::array<std::uint8_t, 6> kHairUnderHat{0, 0, 2, 3, 0, 0};  // high shapes go short under a hat

float rounded(float value, float step) { return std::round(value / step) * step; }

}  // namespace

Appearance appearance(std::uint64_t seed) {
  Dice dice(seed);
  Appearance out;
  // These three step through their palettes, so that neighbouring seeds never agree; the rest is thrown.
  out.top_colour = static_cast<std::uint8_t>((seed % 12 * 5 + seed / 12 % 12 * 3) % 12);
  out.skin = static_cast<std::uint8_t>((seed % 8 * 3 + seed / 8 % 8) % 8);
  out.hair = static_cast<std::uint8_t>((seed % 6 + seed / 6 % 6 * 2) % 6);
  out.height = rounded(1.55f + 0.20f * (dice.unit() + dice.unit()), 0.01f);
  out.build = rounded(0.87f + 0.155f * (dice.unit() + dice.unit()), 0.01f);
  // Dark hair with every skin; fair and red hair with fair skin more often; grey for some.
  const std::array<std::uint8_t, 5> dark{0, 0, 1, 1, 2}, any{1, 2, 3, 4, 5};
  const std::array<std::uint8_t, 7> fair{2, 3, 4, 5, 5, 6, 1};
  out.hair_colour = dice.chance(0.1f) ? std::uint8_t{7}
                    : out.skin <= 2   ? dice.pick(fair)
                    : out.skin <= 4   ? dice.pick(any)
                                      : dice.pick(dark);
  out.top = static_cast<std::uint8_t>(dice.next() % 3);
  const bool quiet_top = out.top_colour <= kGrey;
  const std::array<std::uint8_t, 8> quiet{kNavy, kNavy, kBlack, kBlack, kGrey, kGrey, kWhite, kDeepGreen};
  do {
    out.bottom_colour =
        quiet_top && dice.chance(0.35f) ? static_cast<std::uint8_t>(dice.next() % 12) : dice.pick(quiet);
  } while (out.bottom_colour == out.top_colour);
  const float cut = dice.unit();
  out.bottom = cut < 0.58f ? 0 : cut < 0.80f ? 1 : 2;
  const std::array<std::uint8_t, 6> leather{kWhite, kWhite, kBlack, kGrey, kNavy, 3};
  out.shoes_colour = dice.pick(leather);
  do {
    out.accent_colour = static_cast<std::uint8_t>(dice.next() % 12);
  } while (out.accent_colour == out.top_colour || out.accent_colour == out.bottom_colour);
  out.jacket = out.top != 2 && dice.chance(0.34f);
  out.hat = dice.chance(0.26f) ? static_cast<std::uint8_t>(1 + dice.next() % 2) : std::uint8_t{0};
  out.scarf = out.top != 2 && out.bottom != 1 && dice.chance(0.2f);
  return out;
}

Json to_json(const Appearance& a) {
  // Through decimal text, so that 1.62f is written as 1.62.
  const auto number = [](float value) { return std::round(static_cast<double>(value) * 1000) / 1000; };
  return {{"height", number(a.height)},
          {"build", number(a.build)},
          {"skin", a.skin},
          {"hair", a.hair},
          {"hair_colour", a.hair_colour},
          {"top", a.top},
          {"top_colour", a.top_colour},
          {"bottom", a.bottom},
          {"bottom_colour", a.bottom_colour},
          {"shoes_colour", a.shoes_colour},
          {"jacket", a.jacket},
          {"hat", a.hat},
          {"scarf", a.scarf},
          {"accent_colour", a.accent_colour}};
}

Result<Appearance> appearance_from_json(const Json& json, std::string_view field) {
  if (!json.is_object()) return invalid(std::string(field), "expected an object");
  struct Whole {
    std::string_view name;
    std::uint8_t Appearance::* member;
    int most;
  };
  static constexpr std::array<Whole, 12> kWholes{{{"skin", &Appearance::skin, 7},
                                                  {"hair", &Appearance::hair, 5},
                                                  {"hair_colour", &Appearance::hair_colour, 7},
                                                  {"top", &Appearance::top, 2},
                                                  {"top_colour", &Appearance::top_colour, 11},
                                                  {"bottom", &Appearance::bottom, 2},
                                                  {"bottom_colour", &Appearance::bottom_colour, 11},
                                                  {"shoes_colour", &Appearance::shoes_colour, 11},
                                                  {"jacket", &Appearance::jacket, 1},
                                                  {"hat", &Appearance::hat, 2},
                                                  {"scarf", &Appearance::scarf, 1},
                                                  {"accent_colour", &Appearance::accent_colour, 11}}};
  Appearance out;
  for (const auto& [key, value] : json.items()) {
    const std::string path = format("{}.{}", field, key);
    if (key == "height" || key == "build") {
      const float low = key == "height" ? 1.55f : 0.85f, high = key == "height" ? 1.95f : 1.2f;
      const double number = value.is_number() ? value.get<double>() : -1;
      if (!(number >= low - 1e-6 && number <= high + 1e-6))
        return invalid(path, format("expected a number from {} to {}", low, high));
      (key == "height" ? out.height : out.build) = static_cast<float>(number);
      continue;
    }
    bool known = false;
    for (const Whole& whole : kWholes) {
      if (key != whole.name) continue;
      known = true;
      const bool good =
          value.is_number_integer() && value.get<std::int64_t>() >= 0 && value.get<std::int64_t>() <= whole.most;
      if (!good) return invalid(path, format("expected a whole number from 0 to {}", whole.most));
      out.*whole.member = value.get<std::uint8_t>();
    }
    if (!known) return invalid(path, "no such part of an appearance");
  }
  return out;
}

std::uint32_t part_mask(const Appearance& look) {
  using namespace figure;
  const int hair = look.hat != 0 ? kHairUnderHat[look.hair] : look.hair;
  std::uint32_t mask = 1u << (first_hair + hair) | 1u << (first_top + look.top) | 1u << (first_bottom + look.bottom);
  if (look.jacket != 0) mask |= 1u << the_jacket;
  if (look.hat != 0) mask |= 1u << (first_hat + look.hat - 1);
  if (look.scarf != 0) mask |= 1u << the_scarf;
  return mask;
}

std::array<Srgb, 8> slot_colours(const Appearance& look) {
  const auto clothes = clothes_palette();
  return {skin_palette()[look.skin],
          hair_palette()[look.hair_colour],
          clothes[look.top_colour],
          clothes[look.bottom_colour],
          clothes[look.shoes_colour],
          clothes[look.accent_colour],
          0xF7F5F0,
          0x2A2224};
}

Json under_hat() {
  Json out = Json::array();
  for (std::uint8_t hair : kHairUnderHat) out.push_back(figure::first_hair + hair);
  return out;
}

}  // namespace mw::kit
