#include "records/auditor.h"

#include <gtest/gtest.h>

#include <map>

#include "base/format.h"
#include "records/log.h"
#include "records/test_storage.h"

namespace mw::records {
namespace {

const std::string kOrigin = "a.example/log";

NoteSigner signer(const std::string& name, SignatureType type, Byte seed) {
  std::array<Byte, 32> secret;
  secret.fill(seed);
  const auto key = std::make_shared<crypto::SigningKey>(crypto::SigningKey::from_seed(secret));
  return {note_key(name, type, key->public_key()).value(), [key](ByteView message) { return key->sign(message); }};
}

const NoteSigner& log_key() {
  static const NoteSigner key = signer(kOrigin, SignatureType::ed25519, 1);
  return key;
}
const NoteSigner& witness_key() {
  static const NoteSigner key = signer("w.example", SignatureType::cosignature, 2);
  return key;
}

class Source {
 public:
  // Entries from `fork` on are others than those of a source that forks elsewhere.
  explicit Source(std::uint64_t fork = 1'000'000) : fork_(fork) { log_ = Log::open(storage_).value(); }
  std::string grow_to(std::uint64_t size) {
    while (log_->size() < size) {
      std::vector<std::string> texts;
      std::vector<ByteView> batch;
      texts.reserve(200);
      batch.reserve(200);
      for (std::uint64_t i = log_->size(); i < std::min(size, log_->size() + 200); ++i)
        texts.push_back(format("{} {}", i, i >= fork_ ? "fork" : "main"));
      for (const auto& text : texts) batch.push_back(as_bytes(text));
      EXPECT_TRUE(log_->append(batch).ok());
    }
    return note();
  }
  std::string note() const {
    auto checkpoint = sign_checkpoint(log_key(), {kOrigin, log_->size(), log_->root(), {}});
    checkpoint.note.signatures.push_back(cosign(witness_key(), checkpoint.note.text, 1'800'000'000));
    return format_note(checkpoint.note);
  }
  Auditor::Fetch fetch() {
    return [this](const TileName& name) -> Result<Bytes> {
      auto bytes = log_->read(name);
      if (bytes.ok() && spoil == tile_path(name)) bytes->back() ^= 1;
      return bytes;
    };
  }
  std::string spoil;

 private:
  std::uint64_t fork_;
  MemoryStorage storage_;
  std::unique_ptr<Log> log_;
};

AuditPolicy policy() { return {kOrigin, {log_key().key}, {witness_key().key}}; }

TEST(Auditor, FollowsALogThatGrowsAndSeesEveryEntryOnce) {
  Source source;
  Auditor auditor(policy());
  std::uint64_t told = 0;
  for (const std::uint64_t size : {0, 1, 2, 255, 256, 257, 700, 700, 66'000}) {
    const auto audit = auditor.follow(source.grow_to(size), source.fetch(), [&](std::uint64_t index, ByteView entry) {
      EXPECT_EQ(index, told);
      EXPECT_EQ(as_text(entry), format("{} main", told++));
    });
    ASSERT_TRUE(audit.ok()) << size << " " << audit.error().text();
    EXPECT_EQ(audit->to, size);
    EXPECT_EQ(told, size);
    EXPECT_EQ(audit->cosigned_by, std::vector<std::string>{"w.example"});
    EXPECT_EQ(audit->oldest_cosignature, 1'800'000'000);
    auto restored = Auditor::restore(policy(), auditor.save());
    ASSERT_TRUE(restored.ok()) << restored.error().text();
    auditor = *std::move(restored);
  }
  EXPECT_FALSE(auditor.evidence().has_value());
}

TEST(Auditor, ReturnsEvidenceOfASplitViewWhereverItForks) {
  for (const std::uint64_t fork : {0, 1, 255, 256, 299}) {
    for (const auto& [first, second] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{
             {300, 300}, {300, 301}, {300, 512}, {300, 1'000}, {512, 300}, {1'000, 300}}) {
      Source one, other(fork);
      Auditor auditor(policy());
      ASSERT_TRUE(auditor.follow(one.grow_to(first), one.fetch()).ok());
      const auto note = other.grow_to(second);
      // Whoever has seen more shows the tiles of the larger tree.
      const auto audit = auditor.follow(note, first > second ? one.fetch() : other.fetch());
      ASSERT_FALSE(audit.ok());
      ASSERT_EQ(audit.error().kind, ErrorKind::conflict) << audit.error().text();
      ASSERT_TRUE(auditor.evidence().has_value()) << audit.error().text();
      const std::vector<NoteKey> keys{log_key().key};
      const auto evidence = parse_evidence(format_evidence(*auditor.evidence()));
      ASSERT_TRUE(evidence.ok()) << evidence.error().text();
      EXPECT_TRUE(verify_evidence(*evidence, kOrigin, keys).ok());
      EXPECT_FALSE(verify_evidence(*evidence, "b.example/log", keys).ok());
      EXPECT_FALSE(verify_evidence(*evidence, kOrigin, {}).ok());
      EXPECT_EQ(auditor.latest()->checkpoint.size, first);  // it stands where it stood
    }
  }
}

TEST(Auditor, ThereIsNoEvidenceAgainstAnHonestLog) {
  Source source;
  const std::string small = source.grow_to(300), large = source.grow_to(900);
  Evidence evidence{small, large, {}};
  const std::vector<NoteKey> keys{log_key().key};
  TileNodes nodes(900, source.fetch());
  evidence.proof = prefix_proof(nodes, 300, 900).value();
  EXPECT_FALSE(verify_evidence(evidence, kOrigin, keys).ok());
  evidence.proof.inside[0][0] ^= 1;
  EXPECT_FALSE(verify_evidence(evidence, kOrigin, keys).ok());
  EXPECT_FALSE(verify_evidence({small, small, {}}, kOrigin, keys).ok());
  EXPECT_FALSE(verify_evidence({large, small, evidence.proof}, kOrigin, keys).ok());
  Auditor auditor(policy());
  ASSERT_TRUE(auditor.follow(large, source.fetch()).ok());
  EXPECT_EQ(auditor.follow(small, source.fetch()).error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(auditor.evidence().has_value());
}

TEST(Auditor, SeesEveryTileThatIsNotWhatTheEntriesSay) {
  for (const char* path : {"tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/000",
                           "tile/entries/001", "tile/entries/002.p/88"}) {
    Source source;
    Auditor auditor(policy());
    const auto note = source.grow_to(600);
    source.spoil = path;
    const auto audit = auditor.follow(note, source.fetch());
    ASSERT_FALSE(audit.ok()) << path;
    EXPECT_EQ(audit.error().kind, ErrorKind::damaged) << audit.error().text();
    EXPECT_FALSE(auditor.evidence().has_value());
    source.spoil.clear();
    EXPECT_TRUE(auditor.follow(note, source.fetch()).ok());
  }
}

TEST(Auditor, TakesNoCheckpointOfOthers) {
  Source source;
  Auditor auditor(policy());
  const auto forger = signer(kOrigin, SignatureType::ed25519, 9),
             other = signer("b.example", SignatureType::ed25519, 1);
  const auto forged = sign_checkpoint(forger, {kOrigin, 0, empty_root(), {}});
  const auto foreign = sign_checkpoint(other, {"b.example", 0, empty_root(), {}});
  EXPECT_EQ(auditor.follow(format_note(forged.note), source.fetch()).error().kind, ErrorKind::forbidden);
  EXPECT_EQ(auditor.follow(format_note(foreign.note), source.fetch()).error().kind, ErrorKind::forbidden);
  EXPECT_EQ(auditor.follow("nonsense", source.fetch()).error().kind, ErrorKind::invalid);
}

TEST(Auditor, WhatItKeepsIsChecked) {
  Source source;
  Auditor auditor(policy());
  ASSERT_TRUE(auditor.follow(source.grow_to(300), source.fetch()).ok());
  const std::string kept = auditor.save();
  ASSERT_TRUE(Auditor::restore(policy(), kept).ok());
  for (const std::string& bad : {std::string(), kept.substr(1), kept + "x", kept.substr(0, kept.size() - 40),
                                 std::string("manyworlds audit 1\n3\n")})
    EXPECT_FALSE(Auditor::restore(policy(), bad).ok());
  std::string other = kept;
  other.replace(other.find("hash ") + 5, 2, other.substr(other.find("hash ") + 5, 2) == "AA" ? "BB" : "AA");
  EXPECT_FALSE(Auditor::restore(policy(), other).ok());
}

}  // namespace
}  // namespace mw::records
