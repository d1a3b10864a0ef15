// The browser client inside the binary: every file of the web build, raw and compressed, made at build time
// (cmake/client.cmake). Built with -DMW_CLIENT=OFF the table is empty, and the host says so instead of showing a page.
// Thread: any; the table is constant.
#pragma once

#include <span>
#include <string_view>

#include "base/bytes.h"

namespace mw::edge {

struct Asset {
  std::string_view path;          // as requested: "/index.html", "/assets/main-x7Yd.js", "/world-view.js"
  std::string_view content_type;  // with charset where it is text
  std::string_view etag;          // strong, quoted: the first 16 bytes of SHA-256 in hexadecimal
  ByteView raw;
  ByteView gzip;           // RFC 1952; empty where compression saves less than a tenth
  bool immutable = false;  // the name carries the content's hash: caches may keep it for ever
};

// Ascending by path.
std::span<const Asset> embedded_assets();

}  // namespace mw::edge
