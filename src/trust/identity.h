// A guest's first name and number. Deterministic, so that the simulation repeats; the native host seeds from entropy.
// Thread: pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"

namespace mw::trust {

enum class Language : std::uint8_t { en, zh };

// "Calm Otter", "安静的水獭": the same seed names the same animal in both languages. About 4,000 names; not unique.
std::string suggest_name(std::uint64_t seed, Language language);

// 53 random bits made a visitor's id: it travels as a JSON number, which is exact in every language up to 2^53 - 1.
// Never zero.
VisitorId visitor_from(std::uint64_t random);

}  // namespace mw::trust
