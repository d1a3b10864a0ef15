// Pictures inside a model, decoded. Only those of figures are: everything else is served as it came.
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wsign-compare"
#endif
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_NO_STDIO
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_MAX_DIMENSIONS 4096
#include <stb/stb_image.h>

#include <cstring>
#include <memory>

#include "base/format.h"
#include "gltf/avatar.h"
#include "gltf/document.h"

namespace mw::gltf {

static_assert(STBI_MAX_DIMENSIONS == limits::kAvatarTextureSide);

Result<Pixels> decode_image(ByteView bytes) {
  const auto header = read_image_header(bytes);
  MW_TRY(header);
  if (header->format != "image/png" && header->format != "image/jpeg")
    return invalid("", format("expected PNG or JPEG, found {}", header->format));
  if (header->width > limits::kAvatarTextureSide || header->height > limits::kAvatarTextureSide)
    return Error{ErrorKind::too_large, "", format("a side is over {} pixels", limits::kAvatarTextureSide)};
  Pixels out;
  int channels = 0;
  const std::unique_ptr<stbi_uc, void (*)(void*)> raw(
      stbi_load_from_memory(bytes.data(), static_cast<int>(bytes.size()), &out.width, &out.height, &channels, 4),
      stbi_image_free);
  if (!raw) return invalid("", format("the picture is damaged: {}", stbi_failure_reason()));
  out.rgba.resize(static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height));
  std::memcpy(out.rgba.data(), raw.get(), out.rgba.size() * 4);
  return out;
}

}  // namespace mw::gltf
