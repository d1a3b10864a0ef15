// The schemas that several calls share: Person, Thing, Summary, Detail and their parts, and the events of the ordered tracks.
// The prose about them is schema/calls.md and schema/frames.md.
#pragma once

#include "calls/registry.h"

namespace mw::calls {

// Before the methods are added.
void add_components(Registry& registry);

// {"$ref": "#/components/schemas/NAME"}
Json reference_to(std::string_view name);

}  // namespace mw::calls
