// Whether somebody has brought a thing that is here, or on its way: such a visitor is remembered without a session.
// Thread: the control loop.
#pragma once

#include "federation/carrying.h"

namespace mw::server {

// `carrying` may be null: nobody brings anything.
bool still_carries(const federation::Carrying* carrying, VisitorId visitor);

}  // namespace mw::server
