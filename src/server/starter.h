// `manyworlds new`: the folder of a starter world, which `check` finds nothing wrong with.
#pragma once

#include <string>

#include "base/result.h"

namespace mw::server {

// Makes `folder` with a world.toml and a README.md in it; the folder's name becomes the world's. Errors: `invalid` for a name
// that a world cannot have, `conflict` when the folder holds anything, those of the disk.
Status make_starter_world(const std::string& folder, const std::string& kit);

}  // namespace mw::server
