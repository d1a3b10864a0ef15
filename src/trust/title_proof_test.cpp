#include "trust/title_proof.h"

#include <gtest/gtest.h>

#include "records/witness.h"
#include "trust/test_titles.h"

namespace mw::trust {
namespace {

const Party kAda(1), kBo(2), kCy(3);

// Ada makes a bench and gives it to Bo; some other entries stand between.
struct Sale {
  explicit Sale(TestLog& to) : log(to) {
    TitleIndex index(kTestLog);
    const auto record = create_title(kAda, 1);
    asset = record.hash;
    log.add(Bytes{'x'});
    created = log.add(record);
    index.skip_to(created);
    index.apply(created, format_title(record));
    to_bo = make_title(TitleTransfer{move_of(index, asset, kBo)}, {kAda});
    to_cy = make_title(TitleTransfer{move_of(index, asset, kCy)}, {kAda});
    for (int i = 0; i < 300; ++i) log.add(Bytes{'y', static_cast<Byte>(i)});
  }
  TestLog& log;
  AssetId asset{};
  std::uint64_t created = 0;
  TitleRecord to_bo, to_cy;
};

TEST(TitleProof, ATitleIsCheckedOfflineByItsProofAndAScan) {
  TestLog log;
  Sale sale(log);
  const auto sold = log.add(sale.to_bo);
  auto verifier = TitleVerifier::make(log.policy(3)).value();
  EXPECT_EQ(verifier.standing(sale.asset).error().kind, ErrorKind::unavailable);
  const auto proof = log.proof({sale.created, sold}, 3);
  EXPECT_TRUE(verify_presence(log.policy(3), sale.asset, proof).ok());
  EXPECT_EQ(verifier.check(sale.asset, proof).error().kind, ErrorKind::unavailable);  // not scanned
  ASSERT_TRUE(verifier.follow(log.checkpoint(3), log.fetch()).ok());
  const auto standing = verifier.check(sale.asset, proof);
  ASSERT_TRUE(standing.ok()) << standing.error().text();
  EXPECT_EQ(standing->title.head().owner, kBo.id());
  EXPECT_EQ(standing->title.head().index, sold);
  EXPECT_EQ(standing->cosigned.by, 3u);
  EXPECT_EQ(standing->cosigned.assurance, Assurance::prevented);
  EXPECT_EQ(standing->cosigned.time_s, kTestNow + 1);
  // It goes on from there.
  log.add(Bytes{'z'});
  EXPECT_TRUE(verifier.follow(log.checkpoint(3), log.fetch()).ok());
  EXPECT_EQ(verifier.standing(sale.asset)->entries, sold + 2);
}

TEST(TitleProof, InclusionOfASecondSaleDoesNotHideTheFirst) {
  TestLog log;
  Sale sale(log);
  const auto first = log.add(sale.to_bo), second = log.add(sale.to_cy);
  // Cy's proof is all true, and says nothing about what came before.
  const auto proof = log.proof({sale.created, second}, 4);
  EXPECT_TRUE(verify_presence(log.policy(), sale.asset, proof).ok());
  auto verifier = TitleVerifier::make(log.policy()).value();
  std::vector<RefusedTitle> refused;
  ASSERT_TRUE(verifier.follow(log.checkpoint(4), log.fetch(), [&](const auto& one) { refused.push_back(one); }).ok());
  const auto checked = verifier.check(sale.asset, proof);
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().kind, ErrorKind::conflict);
  EXPECT_EQ(verifier.standing(sale.asset)->title.head().owner, kBo.id());
  ASSERT_EQ(refused.size(), 1u);
  ASSERT_TRUE(refused[0].judgement.evidence);
  EXPECT_EQ(refused[0].judgement.evidence->first, first);
  EXPECT_EQ(refused[0].judgement.evidence->second, second);
  // Ada's own proof, from before the sale, is no more the present.
  EXPECT_EQ(verifier.check(sale.asset, log.proof({sale.created}, 4)).error().kind, ErrorKind::conflict);
}

TEST(TitleProof, EveryPartOfAProofIsChecked) {
  TestLog log;
  Sale sale(log);
  const auto sold = log.add(sale.to_bo);
  const auto good = log.proof({sale.created, sold}, 3);
  const auto field = [&](const TitleProof& proof) {
    const auto checked = verify_presence(log.policy(3), sale.asset, proof);
    return checked.ok() ? std::string("ok") : checked.error().field;
  };
  EXPECT_EQ(field(good), "ok");
  auto bad = good;
  bad.history[1].inclusion[0][0] ^= 1;
  EXPECT_EQ(field(bad), "history[1].inclusion");
  bad = good;
  ++bad.history[0].index;
  EXPECT_EQ(field(bad), "history[0].inclusion");
  bad = good;
  bad.history[1].record.back() ^= 1;
  EXPECT_EQ(field(bad), "history[1].inclusion");
  bad = good;
  bad.history[0] = log.item(5);
  EXPECT_EQ(field(bad), "history[0].record");
  bad = good;
  std::swap(bad.history[0], bad.history[1]);
  EXPECT_EQ(field(bad), "history[1].record");
  bad = good;
  bad.history.clear();
  EXPECT_EQ(field(bad), "history");
  bad = good;
  bad.checkpoint = log.checkpoint(2);
  EXPECT_EQ(verify_presence(log.policy(3), sale.asset, bad).error().kind, ErrorKind::forbidden);
  auto policy = log.policy(3);
  policy.log_keys = {note_signer(kTestLog, records::SignatureType::ed25519, Party(77)).key};
  EXPECT_EQ(verify_presence(policy, sale.asset, good).error().kind, ErrorKind::forbidden);
}

TEST(TitleProof, BelowFourIndependentWitnessesItSaysCaught) {
  EXPECT_EQ(preventing_quorum(3), 0u);
  EXPECT_EQ(preventing_quorum(4), 3u);
  EXPECT_EQ(preventing_quorum(7), 5u);
  EXPECT_EQ(preventing_quorum(10), 7u);
  const auto assurance = [](std::size_t witnesses, std::size_t cosigners) {
    TestLog log(witnesses);
    log.add(create_title(kAda, 1));
    const auto cosigned =
        count_cosignatures(log.policy(), *records::parse_signed_checkpoint(log.checkpoint(cosigners)));
    return cosigned->assurance;
  };
  EXPECT_EQ(assurance(0, 0), Assurance::caught);
  EXPECT_EQ(assurance(3, 3), Assurance::caught);
  EXPECT_EQ(assurance(4, 2), Assurance::caught);
  EXPECT_EQ(assurance(4, 3), Assurance::prevented);
  EXPECT_EQ(assurance(7, 4), Assurance::caught);
  EXPECT_EQ(assurance(7, 5), Assurance::prevented);
}

TEST(TitleProof, SockpuppetWitnessesDoNotCount) {
  TestLog log(6);
  log.add(create_title(kAda, 1));
  const auto note = *records::parse_signed_checkpoint(log.checkpoint(6));
  // Six names of one operator, as far as the verifier knows: one witness.
  auto policy = log.policy();
  for (auto& witness : policy.witnesses) witness.operator_name = "one and the same";
  auto cosigned = count_cosignatures(policy, note);
  EXPECT_EQ(cosigned->by, 1u);
  EXPECT_EQ(cosigned->of, 1u);
  EXPECT_EQ(cosigned->assurance, Assurance::caught);
  policy.required = 2;
  EXPECT_FALSE(count_cosignatures(policy, note).ok());
  // Witnesses that the verifier has not chosen are nobody, however many cosign.
  const TestLog others(4, 200);
  policy = others.policy();
  policy.log_keys = {log.signer().key};
  cosigned = count_cosignatures(policy, note);
  EXPECT_EQ(cosigned->by, 0u);
  EXPECT_EQ(cosigned->assurance, Assurance::caught);
  // Nor does the log's own key count as a witness of itself.
  policy = log.policy();
  policy.witnesses.push_back({note_signer("self.example", records::SignatureType::cosignature, Party(99)).key, "self"});
  EXPECT_EQ(count_cosignatures(policy, note)->of, 6u);
  // One key under two names is refused where the policy is made.
  policy = log.policy();
  policy.witnesses.push_back(policy.witnesses[0]);
  policy.witnesses.back().operator_name = "another";
  EXPECT_FALSE(TitleVerifier::make(policy).ok());
}

TEST(TitleProof, ALogWithTwoHistoriesIsCaughtByWhoSeesBoth) {
  TestLog honest, other;
  Sale here(honest), there(other);
  const auto sold_here = honest.add(here.to_bo), sold_there = other.add(there.to_cy);
  ASSERT_EQ(here.asset, there.asset);
  auto verifier = TitleVerifier::make(honest.policy()).value();
  ASSERT_TRUE(verifier.follow(honest.checkpoint(3), honest.fetch()).ok());
  other.add(Bytes{'z'});
  EXPECT_EQ(verifier.follow(other.checkpoint(3), other.fetch()).error().kind, ErrorKind::conflict);
  ASSERT_TRUE(verifier.auditor().evidence());
  EXPECT_TRUE(records::verify_evidence(*verifier.auditor().evidence(), kTestLog, honest.policy().log_keys).ok());
  // It stands where it stood; a proof from the other history does not pass.
  EXPECT_EQ(verifier.standing(here.asset)->title.head().owner, kBo.id());
  EXPECT_TRUE(verifier.check(here.asset, honest.proof({here.created, sold_here}, 3)).ok());
  EXPECT_FALSE(verifier.check(here.asset, other.proof({there.created, sold_there}, 3)).ok());
}

// A witness that goes back to an older state cosigns another history; the others do not, and the quorum does not come together.
TEST(TitleProof, AWitnessThatRollsBackDoesNotMakeASecondHistoryFinal) {
  std::vector<std::unique_ptr<records::MemoryStorage>> disks;
  const auto signer = note_signer(kTestLog, records::SignatureType::ed25519, Party(99));
  const auto open = [&](std::size_t i) {
    return records::Witness::open(*disks[i],
                                  note_signer(format("w{}.example", 100 + i), records::SignatureType::cosignature,
                                              Party(static_cast<Byte>(100 + i))),
                                  {{kTestLog, {signer.key}}})
        .value();
  };
  std::vector<std::unique_ptr<records::Witness>> witnesses;
  for (std::size_t i = 0; i < 4; ++i) {
    disks.push_back(std::make_unique<records::MemoryStorage>());
    witnesses.push_back(open(i));
  }
  const auto cosigned_by = [&](const TestLog& log) {
    auto checkpoint = records::sign_checkpoint(signer, {kTestLog, log.log().size(), log.log().root(), {}});
    std::string note = records::format_note(checkpoint.note);
    for (auto& witness : witnesses) {
      const auto body = records::format_add_checkpoint(0, {}, checkpoint.note);
      const auto answer = witness->add_checkpoint(body, kTestNow);
      if (answer.status == 200) note += answer.body;
    }
    return note;
  };
  TestLog here, there;
  Sale sold(here), sold_twice(there);
  here.add(sold.to_bo);
  there.add(sold_twice.to_cy);
  const auto policy = here.policy(preventing_quorum(4));
  EXPECT_TRUE(count_cosignatures(policy, *records::parse_signed_checkpoint(cosigned_by(here))).ok());
  disks[0]->files.clear();  // the witness forgets what it has cosigned
  witnesses[0] = open(0);
  const auto second = records::parse_signed_checkpoint(cosigned_by(there));
  EXPECT_EQ(count_cosignatures(there.policy(), *second)->by, 1u);
  EXPECT_FALSE(count_cosignatures(policy, *second).ok());
}

}  // namespace
}  // namespace mw::trust
