// The trained codes of deltas: schema/vectors/pose_codes.json as constants. codes_test.cpp makes both, and fails when what
// stands here is worse than what it would make.
#include "wire/poses_layout.h"

namespace mw::wire::layout {
namespace {

// For each level and age: the lengths of the codes in the order of layout::Code, a digit for each symbol.
constexpr const char* kTrained[kPoseLevels * kAges][kCodes] = {
#include "wire/trained_codes.inc"
};

constexpr auto parsed() {
  std::array<Codes, kPoseLevels * kAges> all{};
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t code = 0; code < all[i].size(); ++code) {
      for (unsigned s = 0; s < kSymbolsMax; ++s)
        all[i][code][s] = static_cast<std::uint8_t>(kTrained[i][code][s] - '0');
    }
  }
  return all;
}
constexpr auto kParsed = parsed();

}  // namespace

const Codes& trained_codes(PoseLevel level, std::uint32_t dt) {
  return kParsed[static_cast<std::size_t>(level) * kAges + age_of(dt)];
}

}  // namespace mw::wire::layout
