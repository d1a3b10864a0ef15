// Strategy: text as a signed note, a checkpoint, lines of signatures and a verifier key.
// Invariants: what is accepted is written back as the very same text, so that no two texts mean one thing; a note keeps to its
// limits; verifying it with any key neither crashes nor finds a signature that is not there.
#include <cstdlib>

#include "base/limits.h"
#include "records/checkpoint.h"

using namespace mw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(ByteView(data, size));
  const auto key = records::parse_verifier_key(text);
  if (key.ok() && records::format_verifier_key(*key) != text) std::abort();
  const auto lines = records::parse_signature_lines(text);
  if (lines.ok()) {
    std::string again;
    for (const auto& signature : *lines) again += records::format_signature_line(signature);
    if (again != text || lines->size() > limits::kNoteSignatures) std::abort();
  }
  const auto body = records::parse_checkpoint(text);
  if (body.ok() && records::format_checkpoint(*body) != text) std::abort();
  const auto note = records::parse_note(text);
  if (!note.ok()) return 0;
  if (records::format_note(*note) != text || note->text.empty() || note->text.back() != '\n') std::abort();
  static const auto known =
      records::parse_verifier_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  const auto verified = records::verify_note(*note, std::span(&*known, 1));
  if (verified.ok() && verified->size() > 1) std::abort();
  return 0;
}
