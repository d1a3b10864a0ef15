#pragma once

#include <string_view>

#include "data/json.h"

namespace mw::data {

// TOML 1.0 as a Json object (dates become strings). The error names line and column.
Result<Json> parse_toml(std::string_view text);

}  // namespace mw::data
