// JSON Schema (draft 7, by valijson): type, properties, required, additionalProperties, items (one schema), enum, const,
// minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength (Unicode scalars), pattern (ECMAScript),
// minItems, maxItems, minProperties, maxProperties, oneOf, anyOf, $ref within the document ("#/definitions/..." and
// "#/components/schemas/..."; what stands beside a $ref is ignored). A schema that uses anything else is refused, so that
// no rule is silently left unchecked.
// Source: json-schema.org, draft-07.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "data/json.h"

namespace mw::data {

// A compiled schema. Thread: immutable after construction; check from any thread.
class Schema {
 public:
  static Result<Schema> compile(const Json& schema);
  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;
  ~Schema();

  // A schema with a pattern lets no string through that is longer than limits::kPatternStringBytes, because the regular
  // expressions of the standard library use stack by the length of their input.
  // The first violation, as a field path ("spawn.position[1]") and what was expected, in words a person understands.
  Status check(const Json& value) const;
  // All violations, at most `limit`, one for each place; empty when there is none. For files that a person mends in one go.
  std::vector<Error> check_all(const Json& value, std::size_t limit) const;

 private:
  struct State;
  explicit Schema(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace mw::data
