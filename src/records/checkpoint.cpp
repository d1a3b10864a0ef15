#include "records/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/format.h"
#include "base/limits.h"

namespace mw::records {
namespace {

// Takes the next line, without its end; false when there is none.
bool take_line(std::string_view& text, std::string_view& line) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

}  // namespace

Result<std::uint64_t> parse_tree_size(std::string_view text, std::string_view field) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size() || (text.size() > 1 && text[0] == '0') ||
      size > kTreeSizeMax)
    return invalid(std::string(field), format("expected a decimal number up to {}", kTreeSizeMax));
  return size;
}

Result<Hash> parse_hash(std::string_view text, std::string_view field) {
  const auto bytes = crypto::from_base64(text);
  Hash hash{};
  if (!bytes.ok() || bytes->size() != hash.size()) return invalid(std::string(field), "expected 32 bytes in base64");
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
  Checkpoint checkpoint;
  std::string_view origin, size, root, line;
  if (!take_line(text, origin) || origin.empty() || origin.size() > limits::kNoteNameBytes)
    return invalid("checkpoint.origin", format("expected a line of 1 to {} bytes", limits::kNoteNameBytes));
  if (!take_line(text, size)) return invalid("checkpoint.size", "expected a line");
  auto number = parse_tree_size(size, "checkpoint.size");
  MW_TRY(number);
  if (!take_line(text, root)) return invalid("checkpoint.root", "expected a line");
  auto hash = parse_hash(root, "checkpoint.root");
  MW_TRY(hash);
  while (!text.empty()) {
    if (!take_line(text, line) || line.empty())
      return invalid("checkpoint.extensions", "expected whole lines, none empty");
    checkpoint.extensions.emplace_back(line);
  }
  checkpoint.origin = origin;
  checkpoint.size = *number;
  checkpoint.root = *hash;
  return checkpoint;
}

std::string format_checkpoint(const Checkpoint& checkpoint) {
  std::string text = format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size, crypto::base64(checkpoint.root));
  for (const auto& line : checkpoint.extensions) text += line + "\n";
  return text;
}

Result<SignedCheckpoint> parse_signed_checkpoint(std::string_view bytes) {
  auto note = parse_note(bytes);
  MW_TRY(note);
  auto checkpoint = parse_checkpoint(note->text);
  MW_TRY(checkpoint);
  return SignedCheckpoint{*std::move(checkpoint), *std::move(note)};
}

SignedCheckpoint sign_checkpoint(const NoteSigner& log, const Checkpoint& checkpoint) {
  SignedCheckpoint out{checkpoint, {format_checkpoint(checkpoint), {}}};
  out.note.signatures.push_back(sign_note(log, out.note.text));
  return out;
}

}  // namespace mw::records
