// Checkpoints: what a log says its tree is, as the text of a signed note. Two of one log that contradict each other are proof
// that it lied.
// Source: C2SP tlog-checkpoint v1.0.0. Thread: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "records/merkle.h"
#include "records/note.h"

namespace mw::records {

struct Checkpoint {
  std::string origin;  // names the log
  std::uint64_t size = 0;  // entries, at most kTreeSizeMax
  Hash root{};
  std::vector<std::string> extensions;  // lines that no auditor can check; we write none
};

// The text of the note. Errors `invalid`, field "checkpoint.origin", "checkpoint.size", "checkpoint.root" or
// "checkpoint.extensions".
Result<Checkpoint> parse_checkpoint(std::string_view text);
std::string format_checkpoint(const Checkpoint& checkpoint);

struct SignedCheckpoint {
  Checkpoint checkpoint;
  Note note;
};
// A note that is a checkpoint. Nothing is verified.
Result<SignedCheckpoint> parse_signed_checkpoint(std::string_view bytes);
SignedCheckpoint sign_checkpoint(const NoteSigner& log, const Checkpoint& checkpoint);

// A decimal number without leading zeroes, as checkpoints and witnesses write sizes. Error `invalid` with this field.
Result<std::uint64_t> parse_tree_size(std::string_view text, std::string_view field);
// One hash in base64. Error `invalid` with this field.
Result<Hash> parse_hash(std::string_view text, std::string_view field);

}  // namespace mw::records
