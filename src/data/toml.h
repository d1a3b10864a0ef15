#pragma once

#include <string_view>

#include "data/json.h"

namespace mw::data {

// TOML 1.0 as a Json object (dates become strings; not-a-number and infinities are refused), at most limits::kTomlBytes
// long and limits::kJsonDepth deep. The error names line and column. Thread: a pure function.
Result<Json> parse_toml(std::string_view text);

}  // namespace mw::data
