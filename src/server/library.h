// What a host serves besides the client: the kit's people and things, the worlds' scenes. Made once at the start (from a
// cache of what was made before), then constant.
// Thread: build on one thread, then find from any.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "edge/content.h"
#include "kit/kit.h"
#include "world/world.h"

namespace mw::server {

// Blobs by path, in front of the client's own files.
class Library final : public edge::ContentSource {
 public:
  explicit Library(std::shared_ptr<const edge::ContentSource> client) : client_(std::move(client)) {}
  std::shared_ptr<const edge::Blob> find(std::string_view path, std::string_view query) const override;
  // While building; any thread. Returns the path with the content's hash ("/models/bench.glb?v=..."), good for ever.
  std::string add(const std::string& path, std::string bytes, std::string content_type);
  std::uint64_t bytes() const;

 private:
  std::shared_ptr<const edge::ContentSource> client_;
  std::mutex building_;
  std::map<std::string, std::shared_ptr<const edge::Blob>, std::less<>> blobs_;
};

// What the kit makes, kept in files named by a hash of this program and of what was asked, so that a second start is instant
// and a newer program never shows what an older one made. A cache that cannot be read or written costs time, nothing else.
class MadeCache {
 public:
  // `folder` may be empty: then nothing is kept.
  explicit MadeCache(std::string folder);
  Result<kit::Scene> scene(const std::string& kit, std::uint64_t seed, const std::string& accent);
  Bytes person();
  Result<kit::CatalogueModel> model(std::string_view name);
  // Writes what was made since to disk. Apart, and after the host listens: a slow disk must not delay a start.
  void write_down();

 private:
  std::string file_of(std::string_view what) const;
  void keep(const std::string& file, std::string content);
  std::mutex making_;
  std::vector<std::pair<std::string, std::string>> unwritten_;  // file, content
  std::string folder_;
  std::string program_;  // hash of the executable
};

// Removes what older programs made, so that the cache stays bounded. At most once a start.
void sweep_cache(const std::string& folder, std::size_t keep_files);

// People and things: puts them into the library.
struct SharedModels {
  std::shared_ptr<const world::Catalogue> catalogue;
  std::string person_url;
};
SharedModels make_shared_models(Library& library, MadeCache& cache);

}  // namespace mw::server
