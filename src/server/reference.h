// What the program says about itself: the documents that are generated from the tables in the code.
// Thread: any.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "calls/registry.h"

namespace mw::server {

// Paths within the repository, and contents: docs/configuration.md, schema/calls.md, schema/openrpc.json,
// schema/world.schema.json, web/packages/protocol/src/calls.gen.ts.
std::vector<std::pair<std::string, std::string>> reference_files();

}  // namespace mw::server
