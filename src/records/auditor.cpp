#include "records/auditor.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/limits.h"

namespace mw::records {
namespace {

constexpr std::string_view kEvidenceTitle = "manyworlds split view 1", kAuditTitle = "manyworlds audit 1";
constexpr std::string_view kNoteBegin = "-----BEGIN CHECKPOINT-----\n", kNoteEnd = "-----END CHECKPOINT-----\n";

Error bad_evidence(std::string why) { return invalid("evidence", std::move(why)); }
Error split_view(std::uint64_t smaller, std::uint64_t larger) {
  return failure(
      ErrorKind::conflict,
      format("split view: the log has signed trees of {} and {} entries that contradict each other", smaller, larger));
}

Error damaged(std::string why) { return failure(ErrorKind::damaged, std::move(why)); }

// A checkpoint of the log, signed by one of its keys.
Result<SignedCheckpoint> checked(std::string_view note, std::string_view origin, std::span<const NoteKey> keys) {
  auto checkpoint = parse_signed_checkpoint(note);
  MW_TRY(checkpoint);
  if (checkpoint->checkpoint.origin != origin)
    return failure(ErrorKind::forbidden,
                   format("a checkpoint of {}, not of {}", checkpoint->checkpoint.origin, origin));
  const auto verified = verify_note(checkpoint->note, keys);
  if (!verified.ok()) return failure(ErrorKind::forbidden, verified.error().text());
  if (verified->empty()) return failure(ErrorKind::forbidden, "not signed by a key of the log");
  return checkpoint;
}

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

Result<std::string_view> take_note(std::string_view& text) {
  if (!take(text, kNoteBegin)) return bad_evidence("expected a checkpoint");
  const auto end = text.find(kNoteEnd);
  if (end == std::string_view::npos) return bad_evidence("a checkpoint does not end");
  const auto note = text.substr(0, end);
  text.remove_prefix(end + kNoteEnd.size());
  return note;
}

// Lines "name hash" as long as they go.
Result<std::vector<Hash>> take_hashes(std::string_view& text, std::string_view name) {
  std::vector<Hash> hashes;
  hashes.reserve(64);
  while (take(text, name)) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return bad_evidence("a line does not end");
    if (hashes.size() == 128) return bad_evidence("over 128 hashes");
    auto hash = parse_hash(text.substr(0, end), "evidence");
    MW_TRY(hash);
    hashes.push_back(*hash);
    text.remove_prefix(end + 1);
  }
  return hashes;
}

}  // namespace

Status verify_evidence(const Evidence& evidence, std::string_view origin, std::span<const NoteKey> log_keys) {
  const auto smaller = checked(evidence.smaller, origin, log_keys);
  MW_TRY(smaller);
  const auto larger = checked(evidence.larger, origin, log_keys);
  MW_TRY(larger);
  const Checkpoint &small = smaller->checkpoint, &large = larger->checkpoint;
  if (small.size > large.size) return bad_evidence("the checkpoints stand in the wrong order");
  if (small.size == large.size) {
    if (small.root == large.root) return bad_evidence("the checkpoints agree");
    return ok();
  }
  if (small.size == 0) {
    if (small.root == empty_root()) return bad_evidence("every log begins empty");
    return ok();
  }
  const auto roots = prefix_roots(small.size, large.size, evidence.proof);
  MW_TRY(roots);
  if (roots->whole != large.root) return bad_evidence("the proof is of another tree than the larger checkpoint's");
  if (roots->part == small.root) return bad_evidence("the smaller checkpoint is the beginning of the larger one");
  return ok();
}

std::string format_evidence(const Evidence& evidence) {
  std::string text = format("{}\n", kEvidenceTitle);
  for (const auto& note : {evidence.smaller, evidence.larger})
    text += std::string(kNoteBegin) + note + std::string(kNoteEnd);
  for (const Hash& hash : evidence.proof.inside) text += "inside " + crypto::base64(hash) + "\n";
  for (const Hash& hash : evidence.proof.outside) text += "outside " + crypto::base64(hash) + "\n";
  return text;
}

Result<Evidence> parse_evidence(std::string_view text) {
  if (!take(text, kEvidenceTitle) || !take(text, "\n")) return bad_evidence("expected the title");
  Evidence evidence;
  const auto smaller = take_note(text);
  MW_TRY(smaller);
  const auto larger = take_note(text);
  MW_TRY(larger);
  auto inside = take_hashes(text, "inside ");
  MW_TRY(inside);
  auto outside = take_hashes(text, "outside ");
  MW_TRY(outside);
  if (!text.empty()) return bad_evidence("something follows it");
  evidence.smaller = *smaller;
  evidence.larger = *larger;
  evidence.proof = {*std::move(inside), *std::move(outside)};
  return evidence;
}

struct Auditor::Walk {
  Frontier frontier;
  std::array<Level, kTileLevels> levels;
  Audit audit;
};

Status Auditor::signed_by_log(const SignedCheckpoint& next, Audit& audit) const {
  const auto cosigned = verify_note(next.note, policy_.witnesses);
  if (!cosigned.ok()) return failure(ErrorKind::forbidden, cosigned.error().text());
  for (const auto& one : *cosigned) {
    audit.cosigned_by.push_back(policy_.witnesses[one.key].name);
    if (audit.oldest_cosignature == 0 || one.unix_seconds < audit.oldest_cosignature)
      audit.oldest_cosignature = one.unix_seconds;
  }
  return ok();
}

Result<Audit> Auditor::follow(std::string_view note, const Fetch& fetch, const OnEntry& on_entry) {
  auto next = checked(note, policy_.origin, policy_.log_keys);
  MW_TRY(next);
  Walk walk{frontier_, {}, {}};
  MW_TRY(signed_by_log(*next, walk.audit));
  const std::uint64_t before = latest_ ? latest_->checkpoint.size : 0;
  walk.audit.from = before;
  walk.audit.to = next->checkpoint.size;
  if (latest_ && before >= walk.audit.to && next->checkpoint.root != latest_->checkpoint.root)
    return behind(*next, fetch);
  if (!latest_ || before < walk.audit.to) {
    if (const auto grown = grow(next->checkpoint, fetch, on_entry, walk); !grown.ok()) {
      if (!latest_ || grown.error().kind != ErrorKind::damaged) return grown.error();
      const auto proven = contradict(*latest_, *next, fetch);
      return proven.ok() && *proven ? split_view(before, walk.audit.to) : grown.error();
    }
  }
  frontier_ = std::move(walk.frontier);
  latest_ = *std::move(next);
  return walk.audit;
}

// The log shows fewer entries than before, or as many with another root: an older answer, or a contradiction.
Error Auditor::behind(const SignedCheckpoint& next, const Fetch& fetch) {
  const std::uint64_t shown = next.checkpoint.size, seen = latest_->checkpoint.size;
  const auto proven = contradict(next, *latest_, fetch);
  if (!proven.ok())
    return failure(ErrorKind::unavailable,
                   format("the log shows {} entries, {} were seen before, and whether they agree cannot be "
                          "told: {}",
                          shown, seen, proven.error().text()));
  if (*proven) return split_view(shown, seen);
  return failure(ErrorKind::unavailable,
                 format("the log shows an older tree of {} entries; {} were seen before", shown, seen));
}

// Takes all new entries, and holds every hash that follows from them against the tiles.
Status Auditor::grow(const Checkpoint& next, const Fetch& fetch, const OnEntry& on_entry, Walk& walk) {
  for (unsigned level = 0; level < kTileLevels; ++level)
    walk.levels[level].start = walk.audit.from >> (kTileHeight * level);
  while (walk.frontier.size() < next.size) {
    const std::uint64_t at = walk.frontier.size(), tile = at / limits::kTileHashes;
    const unsigned width = tile_width(0, tile, next.size);
    const auto bytes = fetch({true, 0, tile, width});
    MW_TRY(bytes);
    const auto entries = parse_bundle(*bytes, width);
    if (!entries.ok()) return damaged(format("{}: {}", tile_path({true, 0, tile, width}), entries.error().text()));
    ++walk.audit.bundles;
    for (std::size_t i = at % limits::kTileHashes; i < width; ++i) {
      if (on_entry) on_entry(tile * limits::kTileHashes + i, entries->at(i));
      walk.frontier.append(leaf_hash(entries->at(i)), [&](unsigned height, std::uint64_t, const Hash& hash) {
        if (height % kTileHeight == 0) walk.levels[height / kTileHeight].hashes.push_back(hash);
      });
    }
    // Full tiles at once, so that memory does not grow with the log.
    for (unsigned level = 0; level < kTileLevels; ++level) {
      auto& one = walk.levels[level];
      if (!one.hashes.empty() && (one.start + one.hashes.size()) % limits::kTileHashes == 0)
        MW_TRY(compare(one, level, next.size, fetch, walk.audit));
    }
  }
  if (walk.frontier.root() != next.root) return damaged("the entries do not lead to the checkpoint's root");
  for (unsigned level = 0; level < kTileLevels; ++level)
    MW_TRY(compare(walk.levels[level], level, next.size, fetch, walk.audit));
  return ok();
}

// Holds what was computed against the tile that the log serves.
Status Auditor::compare(Level& level, unsigned number, std::uint64_t size, const Fetch& fetch, Audit& audit) {
  if (level.hashes.empty()) return ok();
  const std::uint64_t tile = level.start / limits::kTileHashes;
  const TileName name{false, number, tile, tile_width(number, tile, size)};
  const auto bytes = fetch(name);
  MW_TRY(bytes);
  const auto hashes = parse_tile(*bytes, name.width);
  if (!hashes.ok()) return damaged(format("{}: {}", tile_path(name), hashes.error().text()));
  const std::size_t from = static_cast<std::size_t>(level.start % limits::kTileHashes);
  if (from + level.hashes.size() > hashes->size() ||
      !std::equal(level.hashes.begin(), level.hashes.end(), hashes->begin() + static_cast<std::ptrdiff_t>(from)))
    return damaged(format("{} does not hold the hashes of the entries", tile_path(name)));
  ++audit.tiles;
  level.start += level.hashes.size();
  level.hashes.clear();
  return ok();
}

// True, and the evidence is kept, when the smaller tree is not the beginning of the larger one.
Result<bool> Auditor::contradict(const SignedCheckpoint& smaller, const SignedCheckpoint& larger, const Fetch& fetch) {
  Evidence found{format_note(smaller.note), format_note(larger.note), {}};
  const std::uint64_t part = smaller.checkpoint.size, whole = larger.checkpoint.size;
  if (part > 0 && part < whole) {
    TileNodes nodes(whole, fetch);
    auto proof = prefix_proof(nodes, part, whole);
    MW_TRY(proof);
    const auto roots = prefix_roots(part, whole, *proof);
    MW_TRY(roots);
    if (roots->whole != larger.checkpoint.root) return damaged("the tiles do not lead to the checkpoint's root");
    if (roots->part == smaller.checkpoint.root) return false;
    found.proof = *std::move(proof);
  }
  const auto proven = verify_evidence(found, policy_.origin, policy_.log_keys);
  if (proven.ok()) evidence_ = std::move(found);
  return proven.ok();
}

std::string Auditor::save() const {
  std::string text = format("{}\n{}\n", kAuditTitle, frontier_.size());
  for (const Hash& hash : frontier_.nodes()) text += "hash " + crypto::base64(hash) + "\n";
  if (latest_) text += std::string(kNoteBegin) + format_note(latest_->note) + std::string(kNoteEnd);
  return text;
}

Result<Auditor> Auditor::restore(AuditPolicy policy, std::string_view text) {
  const auto bad = [](std::string why) { return Error{ErrorKind::damaged, "audit", std::move(why)}; };
  Auditor auditor(std::move(policy));
  if (!take(text, kAuditTitle) || !take(text, "\n")) return bad("expected the title");
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return bad("expected a size");
  const auto size = parse_tree_size(text.substr(0, end), "size");
  MW_TRY(size);
  text.remove_prefix(end + 1);
  auto hashes = take_hashes(text, "hash ");
  MW_TRY(hashes);
  auto frontier = Frontier::restore(*size, *std::move(hashes));
  MW_TRY(frontier);
  auditor.frontier_ = *std::move(frontier);
  if (text.empty() && *size == 0) return auditor;
  const auto note = take_note(text);
  MW_TRY(note);
  auto latest = checked(*note, auditor.policy_.origin, auditor.policy_.log_keys);
  MW_TRY(latest);
  if (!text.empty() || latest->checkpoint.size != *size || latest->checkpoint.root != auditor.frontier_.root())
    return bad("its parts do not fit each other");
  auditor.latest_ = *std::move(latest);
  return auditor;
}

}  // namespace mw::records
