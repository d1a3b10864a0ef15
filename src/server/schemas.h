// The JSON Schemas that several calls share, and a few words for writing them.
// Thread: any; pure functions.
#pragma once

#include "calls/registry.h"
#include "data/json.h"

namespace mw::server {

Json object(Json properties, std::vector<std::string> required = {}, std::string description = {});
Json reference(std::string_view name);  // to a shared schema
Json list_of(Json items);
Json text(std::size_t longest, std::string_view description = {});
Json number(std::string_view description = {});
Json whole(std::string_view description = {});
Json yes_no(std::string_view description = {});
Json signature_text();  // of whoever holds the key of a title
Json described(Json schema, std::string_view description);

void add_shared_schemas(calls::Registry& registry);

// Examples that satisfy them, for the reference page.
Json example_person();
Json example_thing();
Json example_summary();
Json example_detail();
Json example_visitor();

}  // namespace mw::server
