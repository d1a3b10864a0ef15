// Signed notes: a text of lines and, below an empty line, signatures by named keys. Checkpoints of logs are such notes, and
// witnesses add their cosignatures as further lines.
// Source: C2SP signed-note v1.0.0 (format, key ids, Ed25519 keys, type 0x01) and tlog-cosignature v1.0.1 (type 0x04).
// ML-DSA cosignatures (type 0x06) are read as signatures of unknown keys.
// Limits: limits::kNoteBytes, kNoteSignatures, kNoteNameBytes. Thread: pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/crypto.h"

namespace mw::records {

// The identifier bytes that C2SP signed-note assigns.
enum class SignatureType : std::uint8_t {
  ed25519 = 0x01,  // over the text of the note
  cosignature = 0x04,  // a witness's, with the time: tlog-cosignature
};

// Whose signatures count: "name+hash+base64(type, key)" as text.
struct NoteKey {
  std::string name;
  SignatureType type = SignatureType::ed25519;
  crypto::PublicKey key;
  std::uint32_t id = 0;  // first four bytes of SHA-256(name, "\n", type, key)
  friend bool operator==(const NoteKey&, const NoteKey&) = default;
};
// Error `invalid` (field "name") for a name that is empty, over the limit, or has a space or a plus sign.
Result<NoteKey> note_key(std::string name, SignatureType type, const crypto::PublicKey& key);
// Errors `invalid`: field "verifier key", what was expected. Other types than the two above are refused.
Result<NoteKey> parse_verifier_key(std::string_view text);
std::string format_verifier_key(const NoteKey& key);

struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  Bytes bytes;  // without the key id
  friend bool operator==(const NoteSignature&, const NoteSignature&) = default;
};
struct Note {
  std::string text;  // ends with a line end
  std::vector<NoteSignature> signatures;
};

// Strict: UTF-8, no control characters, at least one signature, every line whole. Errors `invalid` (field "note") and
// `too_large`. Nothing is verified.
Result<Note> parse_note(std::string_view bytes);
std::string format_note(const Note& note);
// Signature lines alone, as a witness answers them; one or more.
Result<std::vector<NoteSignature>> parse_signature_lines(std::string_view lines);
std::string format_signature_line(const NoteSignature& signature);

// A key that signs: the secret stays with whoever made the function.
struct NoteSigner {
  NoteKey key;
  std::function<crypto::Signature(ByteView)> sign;
};
NoteSignature sign_note(const NoteSigner& signer, std::string_view text);
// The signer's key is of type cosignature; `unix_seconds` is not negative.
NoteSignature cosign(const NoteSigner& signer, std::string_view text, std::int64_t unix_seconds);

// What one key says about the note.
struct Verified {
  std::size_t key = 0;  // index among the keys given
  std::size_t signature = 0;  // index in the note
  std::int64_t unix_seconds = 0;  // of a cosignature; 0 for others
};
// The signatures of the keys given, each key once; those of unknown keys are passed over, also when they share a name or an id
// with a known one. Error `invalid` (field "signature") when one of a known key does not verify: then nothing of the note
// counts.
Result<std::vector<Verified>> verify_note(const Note& note, std::span<const NoteKey> keys);

}  // namespace mw::records
