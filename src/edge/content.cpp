#include "edge/content.h"

#include <zlib.h>

#include <functional>
#include <map>
#include <utility>

#include "base/bytes.h"
#include "crypto/crypto.h"

namespace mw::edge {
namespace {

constexpr std::size_t kTooSmall = 512;  // compressing it saves no packet

// RFC 1952. Empty when zlib refuses.
std::string gzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib's older interface; it only reads
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(done ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

}  // namespace

std::shared_ptr<const Blob> make_blob(std::string bytes, std::string content_type, CachePolicy cache, bool embeddable) {
  auto blob = std::make_shared<Blob>();
  const auto digest = crypto::sha256(as_bytes(bytes));
  blob->etag = crypto::hex(ByteView(digest).first(16));
  if (bytes.size() >= kTooSmall) {
    std::string compressed = gzip(bytes);
    if (!compressed.empty() && compressed.size() < bytes.size() - bytes.size() / 10) blob->gzip = std::move(compressed);
  }
  blob->bytes = std::move(bytes);
  blob->content_type = std::move(content_type);
  blob->cache = cache;
  blob->embeddable = embeddable;
  return blob;
}

std::shared_ptr<const ContentSource> asset_source(std::span<const Asset> assets) {
  class Source final : public ContentSource {
   public:
    std::shared_ptr<const Blob> find(std::string_view path, std::string_view) const override {
      const auto found = blobs_.find(path);
      return found == blobs_.end() ? nullptr : found->second;
    }
    std::map<std::string, std::shared_ptr<const Blob>, std::less<>> blobs_;
  };
  auto source = std::make_shared<Source>();
  for (const Asset& asset : assets) {
    auto blob = std::make_shared<Blob>();
    blob->bytes = as_text(asset.raw);
    blob->gzip = as_text(asset.gzip);
    blob->content_type = asset.content_type;
    blob->etag = asset.etag;
    std::erase(blob->etag, '"');
    blob->cache = asset.immutable ? CachePolicy::immutable : CachePolicy::revalidate;
    blob->embeddable = asset.path == "/world-view.js";
    source->blobs_.emplace(asset.path, std::move(blob));
  }
  return source;
}

}  // namespace mw::edge
