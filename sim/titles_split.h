// A part of the titles scenario: a log with two histories, in which a thing is sold to two people.
#pragma once

#include "sim/scenario.h"

namespace mw::sim {

Report play_titles_split(const Play& play);

}  // namespace mw::sim
