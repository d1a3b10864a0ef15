// The canonical form of JSON: one text for each value, so that a hash or a signature over it means the same to everybody.
// Source: RFC 8785 (JSON Canonicalization Scheme); numbers as ECMAScript writes them (ECMA-262, Number::toString); the
// input keeps to I-JSON (RFC 7493): no key twice, no lone surrogate, which data::parse_json refuses while it reads.
// Thread: pure functions.
#pragma once

#include <string>

#include "base/result.h"
#include "data/json.h"

namespace mw::crypto {

// No spaces; keys in the order of their UTF-16 code units; UTF-8. Every number is an IEEE double here: an integer that
// a double cannot hold is written as the nearest one, as ECMAScript would read it, so whoever acts on a signed integer
// keeps it below 2^53. Errors `invalid`: a number that is not finite, a string that is no UTF-8, deeper than
// limits::kJsonDepth.
Result<std::string> canonical_json(const Json& value);

// The shortest digits that read back as the same double, in ECMAScript's notation. `value` is finite.
std::string es6_number(double value);

}  // namespace mw::crypto
