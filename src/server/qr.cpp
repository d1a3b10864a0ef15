#include "server/qr.h"

#include <qrencode.h>

#include <memory>

namespace mw::server {

std::string qr_code(std::string_view link, bool dark_background) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeString(std::string(link).c_str(), 0, QR_ECLEVEL_L, QR_MODE_8, 1), &QRcode_free);
  if (!code) return {};
  constexpr int quiet = 2;  // four in the standard; scanners are content with two, and a terminal is small
  const int width = code->width;
  const auto drawn = [&](int x, int y) {
    const bool inside = x >= 0 && y >= 0 && x < width && y < width;
    const bool dark = inside && (code->data[y * width + x] & 1) != 0;
    return dark != dark_background;
  };
  std::string out;
  for (int y = -quiet; y < width + quiet; y += 2) {
    for (int x = -quiet; x < width + quiet; ++x) {
      const bool upper = drawn(x, y), lower = drawn(x, y + 1);
      out += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
    }
    out += '\n';
  }
  return out;
}

}  // namespace mw::server
