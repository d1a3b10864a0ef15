#include "records/note.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"

namespace mw::records {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // em dash, space
constexpr std::size_t kSignatureBytes = 64, kTimeBytes = 8, kKeyIdBytes = 4;

Error bad_note(std::string why) { return invalid("note", std::move(why)); }
Error bad_key(std::string why) { return invalid("verifier key", std::move(why)); }

// What Unicode calls white space (property White_Space).
bool is_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool good_name(std::string_view name) {
  if (name.empty() || name.size() > limits::kNoteNameBytes) return false;
  while (!name.empty()) {
    const auto scalar = read_scalar(name);
    if (!scalar || is_space(*scalar) || *scalar == '+' || *scalar < 0x20) return false;
  }
  return true;
}

std::uint32_t key_id_of(std::string_view name, SignatureType type, const crypto::PublicKey& key) {
  Bytes input;
  input.reserve(name.size() + 2 + key.bytes.size());
  input.insert(input.end(), name.begin(), name.end());
  input.push_back('\n');
  input.push_back(static_cast<Byte>(type));
  input.insert(input.end(), key.bytes.begin(), key.bytes.end());
  const auto digest = crypto::sha256(input);
  return std::uint32_t{digest[0]} << 24 | std::uint32_t{digest[1]} << 16 | std::uint32_t{digest[2]} << 8 | digest[3];
}

std::uint64_t big_endian(ByteView bytes) {
  std::uint64_t number = 0;
  for (const Byte byte : bytes) number = number << 8 | byte;
  return number;
}

void append_big_endian(Bytes& out, std::uint64_t number, std::size_t size) {
  for (std::size_t i = size; i-- > 0;) out.push_back(static_cast<Byte>(number >> (8 * i)));
}

std::string cosigned_message(std::string_view text, std::int64_t unix_seconds) {
  return format("cosignature/v1\ntime {}\n{}", unix_seconds, text);
}

Result<NoteSignature> parse_signature_line(std::string_view line) {
  if (!line.starts_with(kDash)) return bad_note("expected a signature line that begins with an em dash and a space");
  line.remove_prefix(kDash.size());
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return bad_note("expected a key name and a signature");
  if (!good_name(line.substr(0, space))) return bad_note("the name of a key has spaces or plus signs, or is too long");
  const auto bytes = crypto::from_base64(line.substr(space + 1));
  if (!bytes.ok() || bytes->size() <= kKeyIdBytes) return bad_note("expected base64 of a key id and a signature");
  NoteSignature signature;
  signature.name = line.substr(0, space);
  signature.key_id = static_cast<std::uint32_t>(big_endian(ByteView(*bytes).first(kKeyIdBytes)));
  signature.bytes.assign(bytes->begin() + kKeyIdBytes, bytes->end());
  return signature;
}

bool printable_utf8(std::string_view text) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; };
  return std::none_of(text.begin(), text.end(), control) && valid_utf8(text);
}

// The time of a cosignature by a known key, or nullopt when it does not verify.
std::optional<std::int64_t> verified_time(const NoteKey& key, const Note& note, const Bytes& signature) {
  if (key.type == SignatureType::ed25519) {
    if (!crypto::verify(key.key, as_bytes(note.text), signature)) return std::nullopt;
    return 0;
  }
  if (signature.size() != kTimeBytes + kSignatureBytes) return std::nullopt;
  const std::uint64_t time = big_endian(ByteView(signature).first(kTimeBytes));
  if (time > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  const auto seconds = static_cast<std::int64_t>(time);
  const std::string message = cosigned_message(note.text, seconds);
  if (!crypto::verify(key.key, as_bytes(message), ByteView(signature).subspan(kTimeBytes))) return std::nullopt;
  return seconds;
}

}  // namespace

Result<NoteKey> note_key(std::string name, SignatureType type, const crypto::PublicKey& key) {
  if (!good_name(name))
    return invalid("name",
                   format("expected 1 to {} bytes of UTF-8 without spaces and plus signs", limits::kNoteNameBytes));
  const std::uint32_t id = key_id_of(name, type, key);
  return NoteKey{std::move(name), type, key, id};
}

Result<NoteKey> parse_verifier_key(std::string_view text) {
  const auto first = text.find('+');
  const auto second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return bad_key("expected name+hash+key");
  const auto hash = text.substr(first + 1, second - first - 1);
  const auto digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (hash.size() != 8 || !std::all_of(hash.begin(), hash.end(), digit))
    return bad_key("expected a hash of eight lower-case hexadecimal digits");
  std::uint32_t id = 0;
  std::from_chars(hash.data(), hash.data() + hash.size(), id, 16);
  const auto material = crypto::from_base64(text.substr(second + 1));
  if (!material.ok() || material->size() != 1 + sizeof(crypto::PublicKey::bytes))
    return bad_key("expected base64 of a type byte and an Ed25519 key");
  const auto type = static_cast<SignatureType>((*material)[0]);
  if (type != SignatureType::ed25519 && type != SignatureType::cosignature)
    return bad_key(format("expected type 1 or 4, found {}", (*material)[0]));
  auto point = crypto::public_key(ByteView(*material).subspan(1));
  if (!point.ok()) return bad_key(point.error().message);
  auto key = note_key(std::string(text.substr(0, first)), type, *point);
  if (!key.ok()) return bad_key(key.error().text());
  if (key->id != id) return bad_key(format("the hash should be {:08x}, it is {:08x}", key->id, id));
  return key;
}

std::string format_verifier_key(const NoteKey& key) {
  Bytes material;
  material.reserve(1 + key.key.bytes.size());
  material.push_back(static_cast<Byte>(key.type));
  material.insert(material.end(), key.key.bytes.begin(), key.key.bytes.end());
  return format("{}+{:08x}+{}", key.name, key.id, crypto::base64(material));
}

Result<std::vector<NoteSignature>> parse_signature_lines(std::string_view lines) {
  std::vector<NoteSignature> signatures;
  signatures.reserve(4);
  if (lines.size() > limits::kNoteBytes) return Error{ErrorKind::too_large, "note", "too long"};
  if (!printable_utf8(lines)) return bad_note("expected UTF-8 without control characters");
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    if (end == std::string_view::npos) return bad_note("the last line does not end");
    if (signatures.size() == limits::kNoteSignatures)
      return Error{ErrorKind::too_large, "note", format("over {} signatures", limits::kNoteSignatures)};
    auto signature = parse_signature_line(lines.substr(0, end));
    MW_TRY(signature);
    signatures.push_back(*std::move(signature));
    lines.remove_prefix(end + 1);
  }
  if (signatures.empty()) return bad_note("expected at least one signature");
  return signatures;
}

Result<Note> parse_note(std::string_view bytes) {
  if (bytes.size() > limits::kNoteBytes)
    return Error{ErrorKind::too_large, "note", format("over {} bytes", limits::kNoteBytes)};
  if (!printable_utf8(bytes)) return bad_note("expected UTF-8 without control characters");
  const auto border = bytes.rfind("\n\n");
  if (border == std::string_view::npos) return bad_note("expected an empty line between text and signatures");
  auto signatures = parse_signature_lines(bytes.substr(border + 2));
  MW_TRY(signatures);
  return Note{std::string(bytes.substr(0, border + 1)), *std::move(signatures)};
}

std::string format_signature_line(const NoteSignature& signature) {
  Bytes bytes;
  bytes.reserve(kKeyIdBytes + signature.bytes.size());
  append_big_endian(bytes, signature.key_id, kKeyIdBytes);
  bytes.insert(bytes.end(), signature.bytes.begin(), signature.bytes.end());
  return format("{}{} {}\n", kDash, signature.name, crypto::base64(bytes));
}

std::string format_note(const Note& note) {
  std::string out = note.text + "\n";
  for (const auto& signature : note.signatures) out += format_signature_line(signature);
  return out;
}

NoteSignature sign_note(const NoteSigner& signer, std::string_view text) {
  MW_ASSERT(signer.key.type == SignatureType::ed25519);
  const auto signature = signer.sign(as_bytes(text));
  return {signer.key.name, signer.key.id, Bytes(signature.begin(), signature.end())};
}

NoteSignature cosign(const NoteSigner& signer, std::string_view text, std::int64_t unix_seconds) {
  MW_ASSERT(signer.key.type == SignatureType::cosignature && unix_seconds >= 0);
  const auto signature = signer.sign(as_bytes(cosigned_message(text, unix_seconds)));
  NoteSignature out{signer.key.name, signer.key.id, {}};
  out.bytes.reserve(kTimeBytes + kSignatureBytes);
  append_big_endian(out.bytes, static_cast<std::uint64_t>(unix_seconds), kTimeBytes);
  out.bytes.insert(out.bytes.end(), signature.begin(), signature.end());
  return out;
}

Result<std::vector<Verified>> verify_note(const Note& note, std::span<const NoteKey> keys) {
  std::vector<Verified> verified;
  verified.reserve(keys.size());
  for (std::size_t i = 0; i < note.signatures.size(); ++i) {
    const auto& signature = note.signatures[i];
    for (std::size_t k = 0; k < keys.size(); ++k) {
      if (keys[k].id != signature.key_id || keys[k].name != signature.name) continue;
      const auto time = verified_time(keys[k], note, signature.bytes);
      if (!time) return invalid("signature", format("the one by {} does not verify", keys[k].name));
      const auto same = [k](const Verified& one) { return one.key == k; };
      if (std::none_of(verified.begin(), verified.end(), same)) verified.push_back({k, i, *time});
    }
  }
  return verified;
}

}  // namespace mw::records
