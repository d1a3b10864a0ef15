// The table of a binary without the browser client: tests, tools, and builds with -DMW_CLIENT=OFF.
#include "edge/assets.h"

namespace mw::edge {

std::span<const Asset> embedded_assets() { return {}; }

}  // namespace mw::edge
