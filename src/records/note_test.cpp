#include "records/note.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "base/limits.h"
#include "data/json.h"
#include "records/checkpoint.h"
#include "records/test_vectors.h"

namespace mw::records {
namespace {

// The example of C2SP signed-note, and that of Go's sumdb/note, which is its origin.
const char* const kExampleKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const char* const kExample =
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
const char* const kGoKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const char* const kGoNote =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

NoteSigner signer(std::string name, SignatureType type, Byte seed) {
  const std::array<Byte, 32> secret = [seed] {
    std::array<Byte, 32> bytes;
    bytes.fill(seed);
    return bytes;
  }();
  auto key = std::make_shared<crypto::SigningKey>(crypto::SigningKey::from_seed(secret));
  return {note_key(std::move(name), type, key->public_key()).value(),
          [key](ByteView message) { return key->sign(message); }};
}

TEST(Note, VerifiesThePublishedExamples) {
  for (const auto& [key_text, note_text] : {std::pair{kExampleKey, kExample}, std::pair{kGoKey, kGoNote}}) {
    const auto key = parse_verifier_key(key_text);
    ASSERT_TRUE(key.ok()) << key.error().text();
    EXPECT_EQ(format_verifier_key(*key), key_text);
    const auto note = parse_note(note_text);
    ASSERT_TRUE(note.ok()) << note.error().text();
    EXPECT_EQ(format_note(*note), note_text);
    const auto verified = verify_note(*note, std::span(&*key, 1));
    ASSERT_TRUE(verified.ok());
    EXPECT_EQ(verified->size(), 1u);
    Note changed = *note;
    changed.text[0] ^= 1;
    EXPECT_FALSE(verify_note(changed, std::span(&*key, 1)).ok());
  }
}

TEST(Note, SignsAsTheGoExampleDoes) {
  // "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz" of the same test: type, seed.
  const auto material = crypto::from_base64("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz").value();
  const auto secret = crypto::SigningKey::from_seed(std::span<const Byte, 32>(material.data() + 1, 32));
  const NoteSigner peter{parse_verifier_key(kGoKey).value(), [&](ByteView m) { return secret.sign(m); }};
  ASSERT_EQ(peter.key.key, secret.public_key());
  Note note{parse_note(kGoNote)->text, {}};
  note.signatures.push_back(sign_note(peter, note.text));
  EXPECT_EQ(format_note(note), kGoNote);
}

TEST(Note, RefusesWhatIsNoVerifierKey) {
  const std::string good = kGoKey;
  EXPECT_TRUE(parse_verifier_key(good).ok());
  for (const std::string& bad :
       {std::string(), std::string("a"), std::string("a+b"), "X" + good, good + "A", good.substr(1),
        std::string("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="),
        std::string("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
        std::string("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
        std::string("Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")})
    EXPECT_FALSE(parse_verifier_key(bad).ok()) << bad;
}

TEST(Note, RefusesWhatIsNotWhole) {
  const std::string good = kExample;
  const auto replaced = [&](std::string_view what, std::string_view with) {
    std::string text = good;
    text.replace(text.find(what), what.size(), with);
    return text;
  };
  for (const std::string& bad :
       {std::string(), std::string("\n\n"), std::string("text\n\n"), good.substr(0, good.size() - 1), good + "x",
        good + "\n", replaced("\n\n", "\n"), replaced("— ", "- "), replaced("— ", "—"), replaced("foo ", "foo"),
        replaced("foo ", "foo  "), replaced("foo ", "f+o "), replaced("foo ", "f\xE3\x80\x80o "), replaced("QM=", "QM"),
        replaced("QM=", "QN="), replaced("This", "\tThis"), replaced("This", "\xFFThis"), replaced("This", "This\r")})
    EXPECT_FALSE(parse_note(bad).ok()) << bad;
  std::string many = "t\n\n";
  for (std::size_t i = 0; i < limits::kNoteSignatures; ++i) many += "— k AAAAAAA=\n";
  EXPECT_TRUE(parse_note(many).ok());
  EXPECT_EQ(parse_note(many + "— k AAAAAAA=\n").error().kind, ErrorKind::too_large);
  EXPECT_EQ(parse_note(std::string(limits::kNoteBytes + 1, 'x')).error().kind, ErrorKind::too_large);
}

TEST(Note, TheLastEmptyLineIsTheBorder) {
  const auto note = parse_note("a\n\nb\n\n— k AAAAAAA=\n");
  ASSERT_TRUE(note.ok());
  EXPECT_EQ(note->text, "a\n\nb\n");
}

TEST(Note, PassesOverUnknownKeysAndRefusesFalseOnesOfKnownKeys) {
  const auto log = signer("log.example", SignatureType::ed25519, 1), other = signer("other", SignatureType::ed25519, 2);
  const auto twin = signer("log.example", SignatureType::ed25519, 3);  // the same name, another key
  Note note{"hello\n", {}};
  note.signatures = {sign_note(other, note.text), sign_note(twin, note.text), sign_note(log, note.text),
                     sign_note(log, note.text)};
  const auto verified = verify_note(note, std::span(&log.key, 1));
  ASSERT_TRUE(verified.ok());
  ASSERT_EQ(verified->size(), 1u);
  EXPECT_EQ(verified->at(0).signature, 2u);
  note.signatures.push_back(sign_note(log, "something else\n"));
  EXPECT_FALSE(verify_note(note, std::span(&log.key, 1)).ok());
}

TEST(Cosignature, CarriesItsTimeAndIsNoPlainSignature) {
  const auto log = signer("log.example", SignatureType::ed25519, 1);
  const auto witness = signer("witness.example", SignatureType::cosignature, 2);
  auto checkpoint = sign_checkpoint(log, {"log.example", 0, empty_root(), {}});
  checkpoint.note.signatures.push_back(cosign(witness, checkpoint.note.text, 1'800'000'000));
  const std::vector<NoteKey> keys{log.key, witness.key};
  const auto read = parse_signed_checkpoint(format_note(checkpoint.note));
  ASSERT_TRUE(read.ok());
  const auto verified = verify_note(read->note, keys);
  ASSERT_TRUE(verified.ok());
  ASSERT_EQ(verified->size(), 2u);
  EXPECT_EQ(verified->at(1).unix_seconds, 1'800'000'000);
  // The time is signed.
  Note changed = read->note;
  changed.signatures[1].bytes[7] ^= 1;
  EXPECT_FALSE(verify_note(changed, keys).ok());
  // The same secret as a plain key has another id, so that its signatures are those of an unknown key.
  const std::vector<NoteKey> plain{note_key("witness.example", SignatureType::ed25519, witness.key.key).value()};
  EXPECT_TRUE(verify_note(read->note, plain)->empty());
}

// A real cosignature of a Sigsum witness, over a checkpoint of a Sigsum log (sigsum-go, pkg/proof/proof_test.go).
TEST(Cosignature, VerifiesOneOfARealWitness) {
  const auto point = [](const char* hex) { return crypto::public_key(from_hex(hex)).value(); };
  const std::string origin = "sigsum.org/v1/tree/7c5fafc796c201e0fcd7567c5033a2777ec28363f54ea0ba97b57bece0d96acd";
  const auto log = note_key(origin, SignatureType::ed25519,
                            point("ac26c0a855ac451a6539478e1a160388f024b385f1363efcda470170076c01e5"));
  const auto witness = note_key("witness", SignatureType::cosignature,
                                point("cbe357e6b464049e703b7be6c89201193acc2a18c095b0691aaf50b9b1e1578a"));
  Note note{origin + "\n4\nPdxW/UbnHlF7aTa5d6RX2n05gQgUH831yDhs3XJKt6g=\n", {}};
  note.signatures.push_back({origin, log->id,
                             from_hex("ccbdd8c784726b732b8edd2039fbad5506e4acccd56e3e5d86c0ee109b3d2662"
                                      "e6881fe3d09fc48f9ddd31494463c5ec44926ff9158785ad1dd9b5d6434b0804")});
  Bytes timed = from_hex("00000000645251c6");  // 1683116486, replaced below by the time that was signed
  const std::uint64_t time = 1'683'202'758;
  for (std::size_t i = 0; i < 8; ++i) timed[i] = static_cast<Byte>(time >> (8 * (7 - i)));
  const Bytes signature = from_hex(
      "e8d6c447d7847d5c1431ef86f8c60fa0cbacd975388b2a8f202fe4b0f9d0d544"
      "989c9d9351752d86aae2df72b9d7135b6b09de2ccaa6d68edf638105d69be609");
  timed.insert(timed.end(), signature.begin(), signature.end());
  note.signatures.push_back({"witness", witness->id, timed});
  const std::vector<NoteKey> keys{*log, *witness};
  const auto verified = verify_note(note, keys);
  ASSERT_TRUE(verified.ok()) << verified.error().text();
  ASSERT_EQ(verified->size(), 2u);
  EXPECT_EQ(verified->at(1).unix_seconds, 1'683'202'758);

  // And the entry that the proof of the same publication is about.
  const Bytes entry = from_hex(
      "7e2893f0b68d6dc712b13eb957a71e335dfd09d0597bdd5e4f99282ac68df6eb79b489a38548a67d78f06221b014d41be58b703237d17b4f"
      "203f"
      "0dd4ead9e2597149c2f118894581ce7473a61fa880716af6ff2138bade2cecc4b297099bf1048a578b9649ba01b7d29dd557906975d68a3a"
      "ec50"
      "e3f9c08690420b8c6426856d");
  const Proof proof{hash_from_hex("61010ae798308f5b97237615ab8c1b14f2c782c37616e97d0a170b617bc7a4ce"),
                    hash_from_hex("a5c3752be610d605ce5c64ee2e28ee5b94a1cc0a68742f18f24c9b5c82d07298")};
  EXPECT_TRUE(verify_inclusion(leaf_hash(entry), 3, 4, proof, parse_checkpoint(note.text)->root).ok());
}

TEST(Checkpoint, RoundTripsAndIsStrict) {
  const std::string root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
  const auto good = parse_checkpoint("example.com/behind-the-sofa\n20852163\n" + root + "\n");
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(good->size, 20'852'163u);
  EXPECT_EQ(format_checkpoint(*good), "example.com/behind-the-sofa\n20852163\n" + root + "\n");
  EXPECT_EQ(parse_checkpoint("o\n0\n" + root + "\nmore\n")->extensions, std::vector<std::string>{"more"});
  for (const std::string& bad :
       {std::string(), std::string("o"), std::string("o\n"), std::string("o\n1\n"), "\n1\n" + root + "\n",
        "o\n01\n" + root + "\n", "o\n-1\n" + root + "\n", "o\n+1\n" + root + "\n", "o\n1 \n" + root + "\n",
        "o\n18446744073709551615\n" + root + "\n", "o\n1\n" + root, "o\n1\n" + root.substr(4) + "\n",
        "o\n1\n" + root + "\n\n", "o\n1\n" + root + "\nx\n\n", "o\n1\n" + root + "\nx"})
    EXPECT_FALSE(parse_checkpoint(bad).ok()) << bad;
}

// --- Published examples --------------------------------------------------------------------------------------------------

TEST(NoteVectors, SignedNotes) {
  const auto cases = published_json("tlog/signed_note.json");
  if (!cases) GTEST_SKIP() << "the published vectors are not beside the repository";
  for (const auto& one : *cases) {
    if (one.contains("bad_vkey")) {
      EXPECT_FALSE(parse_verifier_key(one["bad_vkey"].get<std::string>()).ok()) << one["source"];
      continue;
    }
    const auto key = parse_verifier_key(one["vkey"].get<std::string>());
    const auto note = parse_note(one["note"].get<std::string>());
    ASSERT_TRUE(key.ok() && note.ok()) << one["source"];
    const auto verified = verify_note(*note, std::span(&*key, 1));
    EXPECT_EQ(verified.ok() && verified->size() == 1, one["valid"].get<bool>()) << one["source"];
  }
}

TEST(NoteVectors, CheckpointsOfTheSpecifications) {
  const auto examples = published_json("tlog/c2sp_examples/tlog-cosignature.json");
  if (!examples) GTEST_SKIP() << "the published vectors are not beside the repository";
  const auto text = examples->at(0).get<std::string>();
  const auto checkpoint = parse_signed_checkpoint(text);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.error().text();
  EXPECT_EQ(checkpoint->checkpoint.origin, "example.com/behind-the-sofa");
  EXPECT_EQ(checkpoint->note.signatures.size(), 2u);
  EXPECT_EQ(format_note(checkpoint->note), text);
  EXPECT_EQ(checkpoint->note.signatures[1].bytes.size(), 72u);
}

}  // namespace
}  // namespace mw::records
