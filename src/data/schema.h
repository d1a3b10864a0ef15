// JSON Schema (draft 7 vocabulary, by valijson): type, properties, required, additionalProperties, items, enum, const,
// minimum, maximum, minLength, maxLength, pattern, minItems, maxItems, oneOf, anyOf, $ref within the document.
#pragma once

#include <memory>

#include "data/json.h"

namespace mw::data {

// A compiled schema. Thread: immutable after construction; check from any thread.
class Schema {
 public:
  static Result<Schema> compile(const Json& schema);
  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;
  ~Schema();

  // The first violation, as a field path ("spawn.position[1]") and what was expected, in words a person understands.
  Status check(const Json& value) const;

 private:
  struct State;
  explicit Schema(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace mw::data
