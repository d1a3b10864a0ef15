// Inside of visits, for visit.cpp (the home's side) and visit_desk.cpp (the destination's): the forms of schema/visit.md.
#pragma once

#include <string>
#include <string_view>

#include "trust/visit.h"

namespace mw::trust::visit {

inline Error refuse(std::string_view field, std::string message) {
  return Error{ErrorKind::forbidden, std::string(field), std::move(message)};
}

// A string member of 1 to limits::kDidBytes bytes; `at` is the path of the object, with a slash behind.
Result<std::string> text_member(const Json& object, const char* name, std::string_view at);
Result<std::int64_t> time_member(const Json& object, const char* name, std::string_view at);

Json to_json(const Visit& visit);
// The members of a credential; form alone, nothing is verified. Errors `forbidden`.
Result<Visit> read(const Json& credential);

}  // namespace mw::trust::visit
