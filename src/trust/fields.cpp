#include "trust/fields.h"

#include <algorithm>
#include <charconv>

#include "base/format.h"
#include "base/limits.h"
#include "crypto/crypto.h"

namespace mw::trust {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_printable(char c) { return c >= 0x20 && c <= 0x7E; }
bool in_token(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("!#$%&'*+-.^_`|~:/").find(c) != std::string_view::npos;
}
bool in_key(char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*'; }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), rest_(text) {}

  // RFC 9651, section 4.2.2.
  Result<Dictionary> dictionary() {
    Dictionary result;
    spaces();
    while (!rest_.empty()) {
      auto name = key();
      if (!name.ok()) return std::move(name).error();
      const bool twice =
          std::any_of(result.begin(), result.end(), [&name](const auto& entry) { return entry.first == *name; });
      if (twice) return wrong(format("expected {} once", *name));
      if (result.size() >= limits::kFieldMembers) return too_many();
      auto value = member();
      if (!value.ok()) return std::move(value).error();
      result.emplace_back(*std::move(name), *std::move(value));
      optional_white();
      if (rest_.empty()) return result;
      if (!take(',')) return wrong("expected a comma");
      optional_white();
      if (rest_.empty()) return wrong("expected a member after the comma");
    }
    return result;
  }

 private:
  Error wrong(std::string_view why) const {
    return invalid("", format("byte {}: {}", text_.size() - rest_.size(), why));
  }
  static Error too_many() {
    return Error{ErrorKind::too_large, {}, format("expected at most {} members", limits::kFieldMembers)};
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void spaces() {
    while (take(' ')) {
    }
  }
  void optional_white() {
    while (take(' ') || take('\t')) {
    }
  }
  template <class Predicate>
  std::string_view run(Predicate predicate) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), predicate);
    const auto found = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(found.size());
    return found;
  }

  Result<std::string> key() {
    if (rest_.empty() || !(is_lower(rest_[0]) || rest_[0] == '*')) return wrong("expected a name in lower case");
    return std::string(run(in_key));
  }

  Result<FieldMember> member() {
    if (!take('=')) {
      auto flags = parameters();
      if (!flags.ok()) return std::move(flags).error();
      return FieldMember(FieldItem{true, *std::move(flags)});
    }
    if (rest_.starts_with('(')) {
      auto list = inner_list();
      if (!list.ok()) return std::move(list).error();
      return FieldMember(*std::move(list));
    }
    auto one = item();
    if (!one.ok()) return std::move(one).error();
    return FieldMember(*std::move(one));
  }

  Result<InnerList> inner_list() {
    InnerList list;
    take('(');
    for (;;) {
      spaces();
      if (take(')')) break;
      if (list.items.size() >= limits::kFieldMembers) return too_many();
      auto one = item();
      if (!one.ok()) return std::move(one).error();
      list.items.push_back(*std::move(one));
      if (!rest_.starts_with(' ') && !rest_.starts_with(')')) return wrong("expected a space or a closing bracket");
    }
    auto behind = parameters();
    if (!behind.ok()) return std::move(behind).error();
    list.parameters = *std::move(behind);
    return list;
  }

  Result<FieldItem> item() {
    auto value = bare_item();
    if (!value.ok()) return std::move(value).error();
    auto behind = parameters();
    if (!behind.ok()) return std::move(behind).error();
    return FieldItem{*std::move(value), *std::move(behind)};
  }

  Result<Parameters> parameters() {
    Parameters result;
    while (take(';')) {
      spaces();
      auto name = key();
      if (!name.ok()) return std::move(name).error();
      if (find_parameter(result, *name) != nullptr) return wrong(format("expected the parameter {} once", *name));
      if (result.size() >= limits::kFieldMembers) return too_many();
      BareItem value = true;
      if (take('=')) {
        auto given = bare_item();
        if (!given.ok()) return std::move(given).error();
        value = *std::move(given);
      }
      result.emplace_back(*std::move(name), std::move(value));
    }
    return result;
  }

  Result<BareItem> bare_item() {
    if (rest_.empty()) return wrong("expected a value");
    const char first = rest_[0];
    if (first == '-' || is_digit(first)) return integer();
    if (first == '"') return string();
    if (first == ':') return bytes();
    if (first == '?') return boolean();
    if (is_letter(first) || first == '*') return BareItem(Token{std::string(run(in_token))});
    return wrong("expected an integer, a string, a token, bytes or a boolean");
  }

  Result<BareItem> integer() {
    const bool negative = take('-');
    const std::string_view found = run(is_digit);
    if (found.empty() || found.size() > 15) return wrong("expected an integer of 1 to 15 digits");
    if (rest_.starts_with('.')) return wrong("expected an integer, found a decimal");
    std::int64_t value = 0;
    std::from_chars(found.data(), found.data() + found.size(), value);
    return BareItem(negative ? -value : value);
  }

  Result<BareItem> string() {
    take('"');
    std::string out;
    while (!rest_.empty()) {
      char c = rest_[0];
      rest_.remove_prefix(1);
      if (c == '"') return BareItem(std::move(out));
      if (c == '\\') {
        if (!rest_.starts_with('"') && !rest_.starts_with('\\'))
          return wrong("expected \\\" or \\\\ after a backslash");
        c = rest_[0];
        rest_.remove_prefix(1);
      } else if (!is_printable(c)) {
        return wrong("expected printable ASCII in a string");
      }
      out.push_back(c);
    }
    return wrong("expected the end of a string");
  }

  // Stricter than the RFC asks for: padding is required and no bits are left over, so that bytes have one text.
  Result<BareItem> bytes() {
    take(':');
    const auto end = rest_.find(':');
    if (end == rest_.npos) return wrong("expected the end of bytes");
    auto decoded = crypto::from_base64(rest_.substr(0, end));
    if (!decoded.ok()) return wrong(decoded.error().message);
    rest_.remove_prefix(end + 1);
    return BareItem(*std::move(decoded));
  }

  Result<BareItem> boolean() {
    take('?');
    if (take('1')) return BareItem(true);
    if (take('0')) return BareItem(false);
    return wrong("expected ?0 or ?1");
  }

  std::string_view text_, rest_;
};

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    MW_ASSERT(is_printable(c));
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "\"";
}

std::string text_of(const Parameters& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    out += ";" + name;
    if (value != BareItem(true)) out += "=" + to_text(value);
  }
  return out;
}

}  // namespace

Result<Dictionary> parse_dictionary(std::string_view text) {
  if (text.size() > limits::kSignatureFieldBytes)
    return Error{ErrorKind::too_large, {}, format("expected at most {} bytes", limits::kSignatureFieldBytes)};
  // Spaces at the end are no part of the field (section 4.2).
  text = text.substr(0, text.find_last_not_of(' ') + 1);
  return Parser(text).dictionary();
}

std::string to_text(const BareItem& item) {
  if (const auto* integer = std::get_if<std::int64_t>(&item)) return format("{}", *integer);
  if (const auto* string = std::get_if<std::string>(&item)) return quoted(*string);
  if (const auto* token = std::get_if<Token>(&item)) return token->text;
  if (const auto* bytes = std::get_if<Bytes>(&item)) return ":" + crypto::base64(*bytes) + ":";
  return std::get<bool>(item) ? "?1" : "?0";
}

std::string to_text(const FieldItem& item) { return to_text(item.value) + text_of(item.parameters); }

std::string to_text(const InnerList& list) {
  std::string out = "(";
  for (const auto& item : list.items) out += (out.size() > 1 ? " " : "") + to_text(item);
  return out + ")" + text_of(list.parameters);
}

std::string to_text(const Dictionary& dictionary) {
  std::string out;
  for (const auto& [name, member] : dictionary) {
    out += (out.empty() ? "" : ", ") + name;
    if (const auto* list = std::get_if<InnerList>(&member)) {
      out += "=" + to_text(*list);
    } else {
      const auto& item = std::get<FieldItem>(member);
      out += item.value == BareItem(true) ? text_of(item.parameters) : "=" + to_text(item);
    }
  }
  return out;
}

const BareItem* find_parameter(const Parameters& parameters, std::string_view name) {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(), [name](const auto& entry) { return entry.first == name; });
  return found == parameters.end() ? nullptr : &found->second;
}

}  // namespace mw::trust
