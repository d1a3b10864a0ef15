// Pictures inside a model, decoded. Only those of figures are: everything else is served as it came. The bytes are a stranger's, so
// they go to libraries that Debian mends when they are found to be wrong.
#include <png.h>
#include <turbojpeg.h>

#include <memory>

#include "base/format.h"
#include "gltf/avatar.h"
#include "gltf/document.h"

namespace mw::gltf {
namespace {

constexpr int kSide = limits::kAvatarTextureSide;

Error damaged(std::string_view why) { return invalid("", format("the picture is damaged: {}", why)); }

// The header was read by our own reader; what a library makes of it is held to the same bound.
Result<Pixels> blank(std::int64_t width, std::int64_t height) {
  if (width < 1 || height < 1) return damaged("no size");
  if (width > kSide || height > kSide)
    return Error{ErrorKind::too_large, "", format("a side is over {} pixels", kSide)};
  Pixels out;
  out.width = static_cast<int>(width);
  out.height = static_cast<int>(height);
  out.rgba.resize(static_cast<std::size_t>(width * height));
  return out;
}

Result<Pixels> decode_png(ByteView bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, void (*)(png_image*)> freed(&image, png_image_free);
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) return damaged(image.message);
  auto out = blank(image.width, image.height);
  MW_TRY(out);
  image.format = PNG_FORMAT_RGBA;
  if (png_image_finish_read(&image, nullptr, out->rgba.data(), 0, nullptr) == 0) return damaged(image.message);
  return out;
}

Result<Pixels> decode_jpeg(ByteView bytes) {
  const std::unique_ptr<void, int (*)(void*)> decoder(tjInitDecompress(), tjDestroy);
  if (!decoder) return failure(ErrorKind::unavailable, "no memory for a picture");
  int width = 0, height = 0, chroma = 0, space = 0;
  const auto size = static_cast<unsigned long>(bytes.size());
  if (tjDecompressHeader3(decoder.get(), bytes.data(), size, &width, &height, &chroma, &space) != 0)
    return damaged(tjGetErrorStr2(decoder.get()));
  auto out = blank(width, height);
  MW_TRY(out);
  // A progressive picture of thousands of passes would take minutes.
  auto* pixels = reinterpret_cast<unsigned char*>(out->rgba.data());
  if (tjDecompress2(decoder.get(), bytes.data(), size, pixels, width, 0, height, TJPF_RGBA, TJFLAG_LIMITSCANS) != 0 &&
      tjGetErrorCode(decoder.get()) == TJERR_FATAL)
    return damaged(tjGetErrorStr2(decoder.get()));
  return out;
}

}  // namespace

Result<Pixels> decode_image(ByteView bytes) {
  const auto header = read_image_header(bytes);
  MW_TRY(header);
  if (header->width > limits::kAvatarTextureSide || header->height > limits::kAvatarTextureSide)
    return Error{ErrorKind::too_large, "", format("a side is over {} pixels", kSide)};
  if (header->format == "image/png") return decode_png(bytes);
  if (header->format == "image/jpeg") return decode_jpeg(bytes);
  return invalid("", format("expected PNG or JPEG, found {}", header->format));
}

}  // namespace mw::gltf
