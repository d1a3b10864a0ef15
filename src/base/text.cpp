#include "base/text.h"

#include <algorithm>

#include "base/format.h"
#include "base/limits.h"

namespace mw {
namespace {

// What a first byte promises: how many bytes follow, which bits count, and the smallest value that needs this length.
struct Lead {
  int following;
  char32_t bits;
  char32_t least;
};

std::optional<Lead> lead_of(unsigned char byte) {
  if (byte < 0x80) return Lead{0, byte, 0};
  if (byte >= 0xC2 && byte <= 0xDF) return Lead{1, static_cast<char32_t>(byte & 0x1F), 0x80};
  if (byte >= 0xE0 && byte <= 0xEF) return Lead{2, static_cast<char32_t>(byte & 0x0F), 0x800};
  if (byte >= 0xF0 && byte <= 0xF4) return Lead{3, static_cast<char32_t>(byte & 0x07), 0x10000};
  return std::nullopt;
}

struct Range {
  char32_t first, last;
};

// Dropped without a trace: controls, direction overrides and isolates, invisible characters and fillers, tags, private
// and unassigned-for-ever values. The zero-width joiner and non-joiner and the emoji selector are in `joins` instead,
// because Persian, Indic scripts and family emoji need them between visible characters.
constexpr Range kDropped[] = {
    {0x0000, 0x0008}, {0x000E, 0x001F}, {0x007F, 0x0084},   {0x0086, 0x009F},   {0x00AD, 0x00AD},
    {0x034F, 0x034F}, {0x061C, 0x061C}, {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},
    {0x200B, 0x200B}, {0x200E, 0x200F}, {0x202A, 0x202E},   {0x2060, 0x206F},   {0x2800, 0x2800},
    {0x3164, 0x3164}, {0xE000, 0xF8FF}, {0xFDD0, 0xFDEF},   {0xFE00, 0xFE0E},   {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFF}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0x10FFFF},
};

constexpr Range kSpaces[] = {
    {0x0009, 0x000D}, {0x0020, 0x0020}, {0x0085, 0x0085}, {0x00A0, 0x00A0}, {0x1680, 0x1680},
    {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
};

// Marks that stack on the character before them; more than a few climb over the lines above.
constexpr Range kMarks[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F},
};
constexpr int kMarksInARow = 2;

template <std::size_t kSize>
bool in(const Range (&ranges)[kSize], char32_t scalar) {
  const auto* found = std::lower_bound(std::begin(ranges), std::end(ranges), scalar,
                                       [](Range range, char32_t s) { return range.last < s; });
  return found != std::end(ranges) && scalar >= found->first;
}

bool joins(char32_t scalar) { return scalar == 0x200C || scalar == 0x200D || scalar == 0xFE0F; }
constexpr char32_t kSpace = U' ';

class Cleaner {
 public:
  void add(char32_t scalar) {
    if (in(kSpaces, scalar)) {
      pending_space_ = !out_.empty();
      joiner_ = 0;
      marks_ = 0;
    } else if (joins(scalar)) {
      // Kept only between two visible characters, one at a time.
      if (!out_.empty() && !pending_space_ && joiner_ == 0) joiner_ = scalar;
    } else if (in(kMarks, scalar)) {
      if (out_.empty() || pending_space_ || ++marks_ > kMarksInARow) return;
      visible(scalar);
    } else if (!in(kDropped, scalar)) {
      marks_ = 0;
      visible(scalar);
    }
  }
  std::string take() {
    if (joiner_ == 0xFE0F) append_scalar(out_, joiner_);  // an emoji at the end keeps its selector
    return std::move(out_);
  }

 private:
  void visible(char32_t scalar) {
    if (pending_space_) append_scalar(out_, kSpace);
    if (joiner_ != 0) append_scalar(out_, joiner_);
    pending_space_ = false;
    joiner_ = 0;
    append_scalar(out_, scalar);
  }
  std::string out_;
  bool pending_space_ = false;
  char32_t joiner_ = 0;
  int marks_ = 0;
};

}  // namespace

std::optional<char32_t> read_scalar(std::string_view& rest) {
  if (rest.empty()) return std::nullopt;
  const auto lead = lead_of(static_cast<unsigned char>(rest[0]));
  if (!lead || rest.size() < static_cast<std::size_t>(lead->following) + 1) return std::nullopt;
  char32_t scalar = lead->bits;
  for (int i = 1; i <= lead->following; ++i) {
    const auto byte = static_cast<unsigned char>(rest[static_cast<std::size_t>(i)]);
    if ((byte & 0xC0) != 0x80) return std::nullopt;
    scalar = scalar << 6 | (byte & 0x3F);
  }
  if (scalar < lead->least || scalar > 0x10FFFF || (scalar >= 0xD800 && scalar <= 0xDFFF)) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(lead->following) + 1);
  return scalar;
}

void append_scalar(std::string& out, char32_t scalar) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
  if (scalar < 0x80) {
    put(scalar);
  } else if (scalar < 0x800) {
    put(0xC0 | scalar >> 6);
    put(0x80 | (scalar & 0x3F));
  } else if (scalar < 0x10000) {
    put(0xE0 | scalar >> 12);
    put(0x80 | (scalar >> 6 & 0x3F));
    put(0x80 | (scalar & 0x3F));
  } else {
    put(0xF0 | scalar >> 18);
    put(0x80 | (scalar >> 12 & 0x3F));
    put(0x80 | (scalar >> 6 & 0x3F));
    put(0x80 | (scalar & 0x3F));
  }
}

bool valid_utf8(std::string_view text) {
  while (!text.empty())
    if (!read_scalar(text)) return false;
  return true;
}

std::size_t count_scalars(std::string_view valid_text) {
  return static_cast<std::size_t>(
      std::count_if(valid_text.begin(), valid_text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

Result<std::string> clean_text(std::string_view text, std::string_view field, std::size_t max_bytes,
                               std::size_t max_chars) {
  // Cleaning only shortens, so a text several times over the limit is refused before any work is done on it.
  if (text.size() > max_bytes * 4)
    return Error{ErrorKind::too_large, std::string(field), format("expected at most {} bytes", max_bytes)};
  Cleaner cleaner;
  for (std::string_view rest = text; !rest.empty();) {
    const auto scalar = read_scalar(rest);
    if (!scalar) return invalid(std::string(field), format("not UTF-8 at byte {}", text.size() - rest.size()));
    cleaner.add(*scalar);
  }
  std::string clean = cleaner.take();
  if (clean.empty()) return invalid(std::string(field), "expected text that can be seen, found none");
  if (clean.size() > max_bytes)
    return Error{ErrorKind::too_large, std::string(field),
                 format("expected at most {} bytes, found {}", max_bytes, clean.size())};
  if (const std::size_t count = count_scalars(clean); count > max_chars)
    return Error{ErrorKind::too_large, std::string(field),
                 format("expected at most {} characters, found {}", max_chars, count)};
  return clean;
}

Result<std::string> clean_name(std::string_view text) {
  return clean_text(text, "name", limits::kNameBytes, limits::kNameChars);
}
Result<std::string> clean_chat(std::string_view text) {
  return clean_text(text, "text", limits::kChatBytes, limits::kChatChars);
}

}  // namespace mw
