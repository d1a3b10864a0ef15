#include "data/json.h"

#include <string>
#include <vector>

#include "base/format.h"

namespace mw::data {
namespace {

// Builds the value while it checks what the library's own reader lets through: depth and duplicate keys.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return fail("expected JSON text"); }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    Json& object = *open_.back();
    if (object.contains(name)) return fail("the key \"" + name.substr(0, 64) + "\" stands twice in one object");
    slot_ = &object[name];
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    return fail(plain(error.what()));
  }

  Json root;
  std::string problem;

 private:
  // "[json.exception.parse_error.101] parse error at line 1, column 2: why; last read: ..." becomes "line 1, column 2: why":
  // the text last read may be long and may be no UTF-8.
  static std::string plain(std::string_view what) {
    if (const auto end = what.find("] "); end != what.npos) what.remove_prefix(end + 2);
    constexpr std::string_view kAt = "parse error at ";
    if (what.starts_with(kAt)) what.remove_prefix(kAt.size());
    if (const auto last = what.find("; last read"); last != what.npos) what = what.substr(0, last);
    return std::string(what.substr(0, 200));
  }
  bool fail(std::string why) {
    if (problem.empty()) problem = std::move(why);
    return false;
  }
  Json* place(Json value) {
    if (open_.empty()) {
      root = std::move(value);
      return &root;
    }
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    *slot_ = std::move(value);
    return slot_;
  }
  template <class Value>
  bool put(Value&& value) {
    place(Json(std::forward<Value>(value)));
    return true;
  }
  bool open(Json container) {
    if (open_.size() >= static_cast<std::size_t>(limits::kJsonDepth))
      return fail(format("nested more than {} deep", limits::kJsonDepth));
    open_.push_back(place(std::move(container)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  // Containers that are open; a parent does not grow while a child of it is open, so the pointers hold.
  std::vector<Json*> open_;
  Json* slot_ = nullptr;
};

}  // namespace

Result<Json> parse_json(std::string_view text) {
  // The library skips a byte order mark; RFC 8259, section 8.1 lets us refuse it, and one form is better than two.
  if (text.starts_with("\xEF\xBB\xBF")) return invalid("", "line 1, column 1: expected JSON without a byte order mark");
  Builder builder;
  if (!Json::sax_parse(text, &builder)) return invalid("", builder.problem);
  return std::move(builder.root);
}

std::string to_text(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace mw::data
