// What an edge serves besides connections: immutable blobs, found by path. The server composes the sources (embedded client
// files, the worlds' scenes, the kit's models) into one and hands it to the edges.
// Thread: `find` is called on every edge loop at once; it must be safe for that, and quick (no disk, no network).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "edge/assets.h"

namespace mw::edge {

enum class CachePolicy : std::uint8_t {
  revalidate,  // no-cache, ETag: pages, and whatever keeps its address when it changes
  immutable,  // the address carries the content's hash: cached for a year
};

// Never changed once shared. `gzip` is empty where compression does not pay (already compressed, tiny).
struct Blob {
  std::string bytes;
  std::string gzip;  // RFC 1952, the same content
  std::string content_type;  // "model/gltf-binary", "text/html; charset=utf-8"
  std::string etag;  // the content's hash, hexadecimal, without quotes
  CachePolicy cache = CachePolicy::revalidate;  // `?v=<etag>` makes any blob immutable
  bool embeddable = false;  // may be fetched by pages of other origins (world-view.js): CORS and CORP say so
};

class ContentSource {
 public:
  virtual ~ContentSource() = default;
  // `path` is decoded, starts with "/", holds no "..", no "//", no backslash and no control character. Null: not found.
  virtual std::shared_ptr<const Blob> find(std::string_view path, std::string_view query) const = 0;
};

// A blob with its ETag (SHA-256) and, where it pays, its gzip variant. For whoever builds a source.
std::shared_ptr<const Blob> make_blob(std::string bytes, std::string content_type,
                                      CachePolicy cache = CachePolicy::revalidate, bool embeddable = false);

// The browser client inside the binary (edge/assets.h: embedded_assets()).
std::shared_ptr<const ContentSource> asset_source(std::span<const Asset> assets);

}  // namespace mw::edge
