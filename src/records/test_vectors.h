// For tests: hashes in hexadecimal, and published vectors that are JSON. The file that includes it includes gtest first.
#pragma once

#include <algorithm>

#include "crypto/vectors_test.h"
#include "records/merkle.h"

namespace mw::records {

inline Hash hash_of(ByteView bytes) {
  Hash hash{};
  EXPECT_EQ(bytes.size(), hash.size());
  if (bytes.size() == hash.size()) std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}
inline Hash hash_from_hex(std::string_view text) { return hash_of(from_hex(text)); }

// As mw::published, read.
inline std::optional<Json> published_json(const std::string& name) {
  const auto text = published(name);
  return text ? std::optional<Json>(Json::parse(*text)) : std::nullopt;
}

}  // namespace mw::records
