#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#endif
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>

#include "base/assert.h"
#include "gltf/model.h"

namespace mw::gltf {

Bytes png(int width, int height, int channels, ByteView pixels) {
  MW_ASSERT(width > 0 && height > 0 && pixels.size() == static_cast<std::size_t>(width) * height * channels);
  Bytes out;
  const auto append = [](void* context, void* data, int size) {
    const auto* first = static_cast<const Byte*>(data);
    auto& bytes = *static_cast<Bytes*>(context);
    bytes.insert(bytes.end(), first, first + size);
  };
  const int good = stbi_write_png_to_func(append, &out, width, height, channels, pixels.data(), width * channels);
  MW_ASSERT(good != 0);
  return out;
}

}  // namespace mw::gltf
