// Strategy: the bytes are read as JSON; what reads is checked against a schema with every keyword that we use, so that the
// checker meets values that no test thought of. A first byte of 0xFF makes the rest the *schema* instead.
// Invariants: no crash and no hang; what was accepted is written and read again to the same value; an error has words.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/text.h"
#include "data/json.h"
#include "data/schema.h"

namespace {

const mw::data::Schema& schema() {
  static const mw::data::Schema compiled = *mw::data::Schema::compile(mw::Json::parse(R"({
    "type": ["object", "array"], "additionalProperties": false, "required": ["a"],
    "properties": {
      "a": {"$ref": "#/definitions/name"}, "b": {"type": "integer", "minimum": -5, "exclusiveMaximum": 9},
      "c": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "number"}},
      "d": {"oneOf": [{"type": "string", "maxLength": 4}, {"type": "object", "required": ["x"]}]},
      "e": {"enum": [1, "two", null, [3]]}, "f": {"const": {"g": 1}},
      "h": {"type": "array", "items": {"$ref": "#/definitions/name"}},
      "i": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
      "j": {"type": "object", "minProperties": 1, "maxProperties": 2, "additionalProperties": {"type": "string"}}
    },
    "definitions": {"name": {"type": "string", "minLength": 1, "pattern": "^[a-z0-9][a-z0-9-]{0,31}$"}}})"));
  return compiled;
}

void check(const mw::Status& status) {
  if (!status.ok()) MW_ASSERT(!status.error().message.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bool as_schema = size > 0 && data[0] == 0xFF;
  const mw::ByteView bytes{data + (as_schema ? 1 : 0), size - (as_schema ? 1 : 0)};
  const auto value = mw::data::parse_json(mw::as_text(bytes));
  if (!value.ok()) {
    MW_ASSERT(!value.error().message.empty() && value.error().message.size() < 400);
    return 0;
  }
  const std::string text = mw::data::to_text(*value);
  MW_ASSERT(mw::valid_utf8(text));
  const auto again = mw::data::parse_json(text);
  MW_ASSERT(again.ok());
  MW_ASSERT(*again == *value);
  if (as_schema) {
    const auto compiled = mw::data::Schema::compile(*value);
    if (compiled.ok()) check(compiled->check(*value));
  } else {
    check(schema().check(*value));
  }
  return 0;
}
