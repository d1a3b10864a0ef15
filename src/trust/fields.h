// Structured fields of HTTP: dictionaries and inner lists, as signatures and digests use them.
// Source: RFC 9651 (obsoletes RFC 8941), sections 3 and 4. Left out: decimals, dates and display strings, which no field that
// is read here may have; they are refused like any other text that is not in the grammar.
// Thread: pure functions and values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace mw::trust {

struct Token {
  std::string text;
  friend bool operator==(const Token&, const Token&) = default;
};
// Integer (15 digits), string (printable ASCII), token, bytes, boolean.
using BareItem = std::variant<std::int64_t, std::string, Token, Bytes, bool>;

using Parameters = std::vector<std::pair<std::string, BareItem>>;  // in order; a name stands once

struct FieldItem {
  BareItem value;
  Parameters parameters;
  friend bool operator==(const FieldItem&, const FieldItem&) = default;
};
struct InnerList {
  std::vector<FieldItem> items;
  Parameters parameters;
  friend bool operator==(const InnerList&, const InnerList&) = default;
};
using FieldMember = std::variant<FieldItem, InnerList>;
using Dictionary = std::vector<std::pair<std::string, FieldMember>>;

// Lines of one field are joined by ", " before. A name that comes again replaces the earlier one in the RFC; here it is
// refused, since two readers could differ. Errors `invalid`, `too_large` (limits::kSignatureFieldBytes, kFieldMembers).
Result<Dictionary> parse_dictionary(std::string_view text);

// Values that did not come from parse_dictionary are the caller's to keep inside the grammar (asserted).
std::string to_text(const BareItem& item);
std::string to_text(const FieldItem& item);
std::string to_text(const InnerList& list);
std::string to_text(const Dictionary& dictionary);

// The parameter, or null.
const BareItem* find_parameter(const Parameters& parameters, std::string_view name);

}  // namespace mw::trust
