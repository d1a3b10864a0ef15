// Outside data into values. The one place that includes nlohmann-json (json), toml++ (toml.h) and valijson (schema.h).
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"

namespace mw {

using Json = nlohmann::json;

namespace data {

// Strict RFC 8259: no comments, UTF-8 checked, at most limits::kJsonDepth deep, no duplicate keys. The error says where.
Result<Json> parse_json(std::string_view text);

// Compact UTF-8; bytes that are no UTF-8 become U+FFFD, so that this never throws.
std::string to_text(const Json& value);

}  // namespace data
}  // namespace mw
