// Headers of images, and references to files beside a model.
// Sources: PNG (W3C, 2003) 5.2 and 11.2.2; JPEG (ITU T.81) B.1; WebP container (Google); KTX 2.0 (Khronos) section 3.
#include <cstring>

#include "base/format.h"
#include "base/limits.h"
#include "gltf/document.h"

namespace mw::gltf {
namespace {

std::uint32_t big16(ByteView b, std::size_t at) { return static_cast<std::uint32_t>(b[at] << 8 | b[at + 1]); }
std::uint32_t big32(ByteView b, std::size_t at) { return big16(b, at) << 16 | big16(b, at + 2); }
std::uint32_t little16(ByteView b, std::size_t at) { return static_cast<std::uint32_t>(b[at + 1] << 8 | b[at]); }
std::uint32_t little32(ByteView b, std::size_t at) { return little16(b, at + 2) << 16 | little16(b, at); }

bool starts(ByteView bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

Result<ImageHeader> jpeg(ByteView bytes) {
  std::size_t at = 2;
  while (at + 9 < bytes.size()) {
    if (bytes[at] != 0xFF) return invalid("", "expected a JPEG marker");
    const unsigned marker = bytes[at + 1];
    if (marker == 0xFF) {
      ++at;
      continue;
    }
    const bool frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame) return ImageHeader{"image/jpeg", big16(bytes, at + 7), big16(bytes, at + 5)};
    const std::uint32_t length = big16(bytes, at + 2);
    if (length < 2) return invalid("", "a JPEG segment is shorter than its own length");
    at += 2 + length;
  }
  return invalid("", "the JPEG has no frame header");
}

Result<ImageHeader> webp(ByteView bytes) {
  if (bytes.size() < 30) return invalid("", "the WebP is cut off");
  const std::string_view kind = as_text(bytes.subspan(12, 4));
  if (kind == "VP8X") {
    const auto side = [&](std::size_t at) {
      return (little16(bytes, at) | static_cast<std::uint32_t>(bytes[at + 2]) << 16) + 1;
    };
    return ImageHeader{"image/webp", side(24), side(27)};
  }
  if (kind == "VP8L") {
    const std::uint32_t bits = little32(bytes, 21);
    return ImageHeader{"image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1};
  }
  if (kind == "VP8 ") return ImageHeader{"image/webp", little16(bytes, 26) & 0x3FFF, little16(bytes, 28) & 0x3FFF};
  return invalid("", "expected a VP8, VP8L or VP8X chunk in the WebP");
}

Result<ImageHeader> ktx2(ByteView bytes) {
  if (bytes.size() < 80) return invalid("", "the KTX2 header is cut off");
  const ImageHeader header{"image/ktx2", little32(bytes, 20), little32(bytes, 24)};
  const std::uint32_t depth = little32(bytes, 28), layers = little32(bytes, 32), faces = little32(bytes, 36);
  const std::uint32_t levels = std::max(little32(bytes, 40), 1u);
  if (depth > 1 || layers > 1 || faces != 1) return invalid("", "a KTX2 texture of a model must be one flat image");
  if (levels > 14 || bytes.size() < 80 + std::size_t{levels} * 24)
    return invalid("", "the KTX2 level index is cut off");
  for (std::size_t level = 0; level < levels; ++level) {
    const std::size_t at = 80 + level * 24;
    const std::uint64_t offset = little32(bytes, at) | std::uint64_t{little32(bytes, at + 4)} << 32;
    const std::uint64_t length = little32(bytes, at + 8) | std::uint64_t{little32(bytes, at + 12)} << 32;
    if (offset > bytes.size() || length > bytes.size() - offset)
      return invalid("", format("KTX2 level {} lies outside of the file", level));
  }
  return header;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Result<ImageHeader> read_image_header(ByteView bytes) {
  using namespace std::string_view_literals;
  Result<ImageHeader> header = invalid("", "expected PNG, JPEG, WebP or KTX2");
  if (starts(bytes, "\x89PNG\r\n\x1a\n"sv)) {
    if (bytes.size() < 33 || as_text(bytes.subspan(12, 4)) != "IHDR") return invalid("", "the PNG has no IHDR chunk");
    header = ImageHeader{"image/png", big32(bytes, 16), big32(bytes, 20)};
  } else if (starts(bytes, "\xFF\xD8\xFF"sv)) {
    header = jpeg(bytes);
  } else if (starts(bytes, "RIFF"sv) && bytes.size() >= 16 && as_text(bytes.subspan(8, 4)) == "WEBP") {
    header = webp(bytes);
  } else if (starts(bytes, "\xABKTX 20\xBB\r\n\x1A\n"sv)) {
    header = ktx2(bytes);
  }
  if (!header) return header;
  if (header->width == 0 || header->height == 0) return invalid("", "the image has no pixels");
  if (header->width > limits::kTextureSide || header->height > limits::kTextureSide) {
    return Error{
        ErrorKind::too_large, "",
        format("the image is {} by {} pixels; at most {} a side", header->width, header->height, limits::kTextureSide)};
  }
  return header;
}

Result<std::string> safe_path(std::string_view uri) {
  std::string path;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    char c = uri[i];
    if (c == '%') {
      const int high = i + 2 < uri.size() ? hex_digit(uri[i + 1]) : -1;
      const int low = i + 2 < uri.size() ? hex_digit(uri[i + 2]) : -1;
      if (high < 0 || low < 0) return invalid("", "a % must be followed by two hexadecimal digits");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (static_cast<unsigned char>(c) < 32 || c == '\\' || c == ':' || c == '?' || c == '#' || c == 127) {
      return invalid("", "expected a relative path of plain characters to a file beside the model");
    }
    path.push_back(c);
  }
  if (path.empty() || path.size() > 512 || path.front() == '/')
    return invalid("", "expected a relative path to a file beside the model");
  std::size_t from = 0;
  while (from <= path.size()) {
    const std::size_t to = std::min(path.find('/', from), path.size());
    const std::string_view part = std::string_view(path).substr(from, to - from);
    if (part.empty() || part == "." || part == "..")
      return invalid("", "the path must stay inside of the model's folder");
    from = to + 1;
  }
  return path;
}

Result<Bytes> decode_base64(std::string_view text) {
  const auto value = [](char c) -> int {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
  };
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  Bytes out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int have = 0;
  for (char c : text) {
    const int v = value(c);
    if (v < 0) return invalid("", "expected base64");
    bits = bits << 6 | static_cast<std::uint32_t>(v);
    have += 6;
    if (have >= 8) {
      have -= 8;
      out.push_back(static_cast<Byte>(bits >> have & 255));
    }
  }
  return out;
}

}  // namespace mw::gltf
