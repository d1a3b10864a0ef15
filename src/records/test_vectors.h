// For tests: values in hexadecimal, and the published vectors beside the repository. The file that includes it includes gtest
// and data/json.h first.
#pragma once

#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "base/bytes.h"
#include "records/merkle.h"

namespace mw::records {

inline Bytes from_hex(std::string_view text) {
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<Byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return bytes;
}

inline Hash hash_of(ByteView bytes) {
  Hash hash{};
  EXPECT_EQ(bytes.size(), hash.size());
  if (bytes.size() == hash.size()) std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}
inline Hash hash_from_hex(std::string_view text) { return hash_of(from_hex(text)); }

// A file of ../shared/vectors; nullopt, and a line that says so, where they are not there.
inline std::optional<Json> published(const std::string& name) {
  std::ifstream file("../shared/vectors/" + name);
  if (!file) return std::nullopt;
  std::stringstream text;
  text << file.rdbuf();
  return Json::parse(text.str());
}

}  // namespace mw::records
