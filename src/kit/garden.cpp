#include "kit/layout.h"

namespace mw::kit {
Scene make_garden(const SceneParameters& parameters) { return make_plaza(parameters); }
}  // namespace mw::kit
