// A link as a QR code of UTF-8 half blocks, for a terminal: two modules a character, with the quiet zone that ISO/IEC 18004 asks.
// Thread: any; pure.
#pragma once

#include <string>
#include <string_view>

namespace mw::server {

// Empty when the link is too long for a code. `dark_background`: light modules are drawn, as most terminals are dark.
std::string qr_code(std::string_view link, bool dark_background = true);

}  // namespace mw::server
