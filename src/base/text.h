// Text that people write: UTF-8 checked, and cleaned of what could deceive or disturb others. Names and chat are shown to
// strangers, so control characters, direction overrides and invisible characters do not pass. Nothing here escapes HTML:
// clients show text as text.
// Source: RFC 3629 (UTF-8); Unicode TR 36 and TR 39 (what is deceptive).
// Thread: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mw {

// Reads one Unicode scalar value and moves `rest` behind it; nullopt for the end or a malformed byte (overlong forms,
// surrogates and values over U+10FFFF are malformed), leaving `rest` there.
std::optional<char32_t> read_scalar(std::string_view& rest);
void append_scalar(std::string& out, char32_t scalar);

bool valid_utf8(std::string_view text);
std::size_t count_scalars(std::string_view valid_text);

// A visitor's or a thing's name: one line, runs of spaces made one, trimmed. Errors (field "name"): `invalid` when it is not
// UTF-8 or nothing that can be seen is left, `too_large` when it is over limits::kNameBytes or limits::kNameChars
// after cleaning.
Result<std::string> clean_name(std::string_view text);

// One message of chat: line breaks become spaces. Errors as above (field "text") with limits::kChatBytes and limits::kChatChars.
Result<std::string> clean_chat(std::string_view text);

// Another text of people (an operator's reason), by the same rules with limits of its own.
Result<std::string> clean_text(std::string_view text, std::string_view field, std::size_t max_bytes,
                               std::size_t max_chars);

}  // namespace mw
