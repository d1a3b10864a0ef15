#include "records/witness.h"

#include <utility>

#include "base/format.h"
#include "base/limits.h"

namespace mw::records {
namespace {

constexpr std::string_view kOld = "old ";

WitnessAnswer refuse(int status, std::string why) {
  return {status, "text/plain; charset=utf-8", std::move(why) + "\n"};
}

WitnessAnswer conflict(std::uint64_t size) { return {409, "text/x.tlog.size", format("{}\n", size)}; }

bool signed_by_one_of(const Note& note, const std::vector<NoteKey>& keys) {
  const auto verified = verify_note(note, keys);
  return verified.ok() && !verified->empty();
}

}  // namespace

Result<AddCheckpoint> parse_add_checkpoint(std::string_view body) {
  if (body.size() > limits::kAddCheckpointBytes)
    return Error{ErrorKind::too_large, "request", format("over {} bytes", limits::kAddCheckpointBytes)};
  AddCheckpoint request;
  const auto first = body.find('\n');
  if (!body.starts_with(kOld) || first == std::string_view::npos)
    return invalid("old size", "expected a line \"old\" and a size");
  const auto old_size = parse_tree_size(body.substr(kOld.size(), first - kOld.size()), "old size");
  MW_TRY(old_size);
  request.old_size = *old_size;
  body.remove_prefix(first + 1);
  while (true) {
    const auto end = body.find('\n');
    if (end == std::string_view::npos) return invalid("proof", "expected an empty line behind it");
    const auto line = body.substr(0, end);
    body.remove_prefix(end + 1);
    if (line.empty()) break;
    if (request.proof.size() == limits::kProofHashes)
      return Error{ErrorKind::too_large, "proof", format("over {} lines", limits::kProofHashes)};
    auto hash = parse_hash(line, "proof");
    MW_TRY(hash);
    request.proof.push_back(*hash);
  }
  auto checkpoint = parse_signed_checkpoint(body);
  MW_TRY(checkpoint);
  request.checkpoint = *std::move(checkpoint);
  return request;
}

std::string format_add_checkpoint(std::uint64_t old_size, const Proof& proof, const Note& checkpoint) {
  std::string body = format("{}{}\n", kOld, old_size);
  for (const Hash& hash : proof) body += crypto::base64(hash) + "\n";
  return body + "\n" + format_note(checkpoint);
}

Result<std::unique_ptr<Witness>> Witness::open(platform::Storage& storage, NoteSigner signer,
                                               std::vector<WitnessedLog> logs) {
  MW_ASSERT(signer.key.type == SignatureType::cosignature);
  if (logs.size() > limits::kWitnessedLogs)
    return failure(ErrorKind::full, format("over {} logs to witness", limits::kWitnessedLogs));
  std::unique_ptr<Witness> witness(new Witness(storage, std::move(signer)));
  for (auto& log : logs) {
    Known known{std::move(log.keys), "witnessed-" + crypto::hex(crypto::sha256(as_bytes(log.origin))), {}};
    MW_TRY(witness->load(known, log.origin));
    witness->logs_.insert_or_assign(std::move(log.origin), std::move(known));
  }
  return witness;
}

Status Witness::load(Known& known, const std::string& origin) {
  const auto text = storage_.load(known.file, limits::kNoteBytes);
  if (!text.ok()) {
    if (text.error().kind == ErrorKind::not_found) return ok();
    return text.error();
  }
  auto stored = parse_signed_checkpoint(*text);
  // Its log's signature is its checksum. A key that the operator has taken out since is no damage, but the text must be whole.
  if (!stored.ok() || stored->checkpoint.origin != origin)
    return Error{ErrorKind::damaged, known.file, format("is no checkpoint of {}", origin)};
  known.latest = *std::move(stored);
  return ok();
}

WitnessAnswer Witness::add_checkpoint(std::string_view body, std::int64_t unix_seconds) {
  const auto request = parse_add_checkpoint(body);
  if (!request.ok()) return refuse(400, request.error().text());
  const auto known = logs_.find(request->checkpoint.checkpoint.origin);
  if (known == logs_.end()) return refuse(404, "no log of this origin is witnessed here");
  if (!signed_by_one_of(request->checkpoint.note, known->second.keys))
    return refuse(403, "not signed by a key of this log");
  return judge(known->second, *request, unix_seconds);
}

WitnessAnswer Witness::judge(Known& known, const AddCheckpoint& request, std::int64_t unix_seconds) {
  const Checkpoint& next = request.checkpoint.checkpoint;
  if (request.old_size > next.size) return refuse(400, "the old size is over the size of the checkpoint");
  const std::uint64_t latest_size = known.latest ? known.latest->checkpoint.size : 0;
  const Hash latest_root = known.latest ? known.latest->checkpoint.root : empty_root();
  if (request.old_size != latest_size) return conflict(latest_size);
  if (request.old_size == next.size && next.root != latest_root) {
    contradiction_ = format_note(request.checkpoint.note);
    return conflict(latest_size);
  }
  if (const auto proven = verify_consistency(latest_size, latest_root, next.size, next.root, request.proof);
      !proven.ok()) {
    contradiction_ = format_note(request.checkpoint.note);
    return refuse(422, proven.error().text());
  }
  if (!known.latest || next.size != latest_size) {
    // On disk before it is answered: a witness that forgets what it said could say something else later.
    if (const auto stored = storage_.replace(known.file, format_note(request.checkpoint.note)); !stored.ok())
      return refuse(500, stored.error().text());
    known.latest = request.checkpoint;
  }
  const auto signature = cosign(signer_, request.checkpoint.note.text, unix_seconds);
  return {200, "text/plain; charset=utf-8", format_signature_line(signature)};
}

std::optional<SignedCheckpoint> Witness::latest(std::string_view origin) const {
  const auto known = logs_.find(origin);
  return known == logs_.end() ? std::nullopt : known->second.latest;
}

}  // namespace mw::records
