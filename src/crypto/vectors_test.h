// What tests share: values in hexadecimal, and the published vectors that may stand beside the repository.
#pragma once

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "data/json.h"

namespace mw {

inline Bytes from_hex(std::string_view text) {
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<Byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return bytes;
}

// A file of ../shared/vectors; nullopt where it is not there, and then the test says so and is skipped.
inline std::optional<std::string> published(const std::string& name) {
  std::ifstream file("../shared/vectors/" + name, std::ios::binary);
  if (!file) return std::nullopt;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace mw

#define MW_SKIP_WITHOUT(vectors) \
  if (!(vectors)) GTEST_SKIP() << "../shared/vectors is not there"
