#include "records/witness.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "base/limits.h"
#include "data/json.h"
#include "records/publisher.h"
#include "records/test_storage.h"
#include "records/test_vectors.h"

namespace mw::records {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;
const std::string kOrigin = "a.example/log";

NoteSigner signer(const std::string& name, SignatureType type, Byte seed) {
  std::array<Byte, 32> secret;
  secret.fill(seed);
  const auto key = std::make_shared<crypto::SigningKey>(crypto::SigningKey::from_seed(secret));
  return {note_key(name, type, key->public_key()).value(), [key](ByteView message) { return key->sign(message); }};
}

// A log in memory with what it signs.
struct TestLog {
  explicit TestLog(Byte tone = 'a') : mark(tone) { log = Log::open(storage).value(); }
  void grow(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string text = format("{} {}", mark, log->size());
      const std::vector<ByteView> batch(1, as_bytes(text));
      ASSERT_TRUE(log->append(batch).ok());
    }
  }
  std::string request(std::uint64_t from) {
    auto nodes = log->nodes(log->size());
    const auto checkpoint = sign_checkpoint(key, {kOrigin, log->size(), log->root(), {}});
    return format_add_checkpoint(from, consistency_proof(nodes, from, log->size()).value(), checkpoint.note);
  }
  char mark;
  MemoryStorage storage;
  std::unique_ptr<Log> log;
  NoteSigner key = signer(kOrigin, SignatureType::ed25519, 1);
};

struct TestWitness {
  explicit TestWitness(const std::string& name = "w.example", Byte seed = 2)
      : key(signer(name, SignatureType::cosignature, seed)) {
    open();
  }
  void open() {
    witness = Witness::open(storage, key, {{kOrigin, {signer(kOrigin, SignatureType::ed25519, 1).key}}}).value();
  }
  MemoryStorage storage;
  NoteSigner key;
  std::unique_ptr<Witness> witness;
};

TEST(Witness, AnswersAsTheSpecificationSays) {
  TestLog log;
  TestWitness w;
  log.grow(5);
  const auto first = w.witness->add_checkpoint(log.request(0), kNow);
  ASSERT_EQ(first.status, 200);
  const auto lines = parse_signature_lines(first.body).value();
  const Note cosigned{parse_add_checkpoint(log.request(0))->checkpoint.note.text, lines};
  const auto verified = verify_note(cosigned, std::span(&w.key.key, 1));
  ASSERT_EQ(verified->size(), 1u);
  EXPECT_EQ(verified->front().unix_seconds, kNow);

  EXPECT_EQ(w.witness->add_checkpoint(log.request(5), kNow + 9).status, 200);  // again, for a newer time
  log.grow(4);
  const auto stale = w.witness->add_checkpoint(log.request(0), kNow);
  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(stale.content_type, "text/x.tlog.size");
  EXPECT_EQ(stale.body, "5\n");
  EXPECT_EQ(w.witness->add_checkpoint(log.request(4), kNow).body, "5\n");
  EXPECT_EQ(w.witness->add_checkpoint(log.request(5), kNow).status, 200);

  EXPECT_EQ(w.witness->add_checkpoint("old 0\n\n", kNow).status, 400);
  std::string over = log.request(9);
  over.replace(0, 5, "old 10");
  EXPECT_EQ(w.witness->add_checkpoint(over, kNow).status, 400);

  const auto other = signer("other", SignatureType::ed25519, 1);
  const Checkpoint unknown{"other", 0, empty_root(), {}};
  EXPECT_EQ(w.witness->add_checkpoint(format_add_checkpoint(0, {}, sign_checkpoint(other, unknown).note), kNow).status,
            404);
  const auto forger = signer(kOrigin, SignatureType::ed25519, 9);
  const Checkpoint forged{kOrigin, 9, empty_root(), {}};
  EXPECT_EQ(w.witness->add_checkpoint(format_add_checkpoint(9, {}, sign_checkpoint(forger, forged).note), kNow).status,
            403);
  std::string spoilt = log.request(9);
  spoilt[spoilt.size() - 10] = spoilt[spoilt.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_EQ(w.witness->add_checkpoint(spoilt, kNow).status, 403);
}

TEST(Witness, RefusesAnotherHistoryAndRemembersItAcrossStarts) {
  TestLog log, fork('b');
  TestWitness w;
  log.grow(5);
  ASSERT_EQ(w.witness->add_checkpoint(log.request(0), kNow).status, 200);
  fork.grow(5);
  for (int start = 0; start < 2; ++start) {
    EXPECT_EQ(w.witness->add_checkpoint(fork.request(5), kNow).status, 409);  // one size, another root
    ASSERT_TRUE(w.witness->contradiction().has_value());
    w.open();
  }
  fork.grow(3);
  EXPECT_EQ(w.witness->add_checkpoint(fork.request(5), kNow).status, 422);
  EXPECT_EQ(w.witness->add_checkpoint(fork.request(0), kNow).status, 409);
  // A shorter tree of the same history is no next one.
  TestLog shorter;
  shorter.grow(3);
  EXPECT_EQ(w.witness->add_checkpoint(shorter.request(0), kNow).body, "5\n");
  EXPECT_EQ(w.witness->latest(kOrigin)->checkpoint.root, log.log->root());
  log.grow(3);
  EXPECT_EQ(w.witness->add_checkpoint(log.request(5), kNow).status, 200);
}

TEST(Witness, WhatCannotBeStoredIsNotCosigned) {
  class Broken final : public platform::Storage {
   public:
    Result<std::unique_ptr<platform::StoredFile>> open(const std::string&) override {
      return failure(ErrorKind::full, "x");
    }
    Result<std::string> load(const std::string&, std::size_t) override { return failure(ErrorKind::not_found, "x"); }
    Status replace(const std::string&, std::string_view) override { return failure(ErrorKind::full, "no space"); }
  } broken;
  TestLog log;
  log.grow(1);
  auto witness = Witness::open(broken, signer("w", SignatureType::cosignature, 2), {{kOrigin, {log.key.key}}}).value();
  EXPECT_EQ(witness->add_checkpoint(log.request(0), kNow).status, 500);
  EXPECT_FALSE(witness->latest(kOrigin).has_value());
}

TEST(Witness, DamageIsNotTakenForNothing) {
  TestLog log;
  TestWitness w;
  log.grow(1);
  ASSERT_EQ(w.witness->add_checkpoint(log.request(0), kNow).status, 200);
  w.storage.files.begin()->second.resize(20);
  const auto again = Witness::open(w.storage, w.key, {{kOrigin, {log.key.key}}});
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().kind, ErrorKind::damaged);
}

TEST(AddCheckpoint, IsStrict) {
  TestLog log;
  log.grow(7);
  const std::string good = log.request(3);
  const auto parsed = parse_add_checkpoint(good);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(format_add_checkpoint(parsed->old_size, parsed->proof, parsed->checkpoint.note), good);
  for (const std::string& bad : {std::string(), std::string("old 3"), "Old" + good.substr(3), "old  3" + good.substr(5),
                                 "old 03" + good.substr(5), "old -3" + good.substr(5), good.substr(6), good + "\n",
                                 good.substr(0, good.size() - 1)})
    EXPECT_FALSE(parse_add_checkpoint(bad).ok()) << bad;
  std::string many = "old 3\n";
  for (std::size_t i = 0; i <= limits::kProofHashes; ++i) many += crypto::base64(empty_root()) + "\n";
  EXPECT_EQ(parse_add_checkpoint(many + "\n").error().kind, ErrorKind::too_large);
}

TEST(AddCheckpointVectors, TheExampleOfTheSpecification) {
  const auto examples = published_json("tlog/c2sp_examples/tlog-witness.json");
  if (!examples) GTEST_SKIP() << "the published vectors are not beside the repository";
  const auto body = examples->at(1).get<std::string>().substr(1);
  const auto parsed = parse_add_checkpoint(body);
  ASSERT_TRUE(parsed.ok()) << parsed.error().text();
  EXPECT_EQ(parsed->old_size, 20'852'014u);
  EXPECT_EQ(parsed->proof.size(), 4u);
  EXPECT_EQ(parsed->checkpoint.checkpoint.size, 20'852'163u);
  EXPECT_EQ(format_add_checkpoint(parsed->old_size, parsed->proof, parsed->checkpoint.note), body);
  EXPECT_EQ(parse_signature_lines(examples->at(2).get<std::string>().substr(1))->size(), 3u);
}

// --- The log's side ------------------------------------------------------------------------------------------------------

struct TestHost {
  explicit TestHost(std::vector<TestWitness*> asked, std::size_t quorum, char tone = 'a')
      : log(static_cast<Byte>(tone)), peers(std::move(asked)) {
    for (auto* peer : peers) policy.witnesses.push_back(peer->key.key);
    policy.quorum = quorum;
    start();
  }
  void start() { publisher = Publisher::open(log.storage, *log.log, log.key, policy).value(); }
  // Asks the witnesses named until they owe nothing.
  void ask(const std::vector<std::size_t>& whom) {
    for (const auto i : whom) {
      for (int turn = 0; turn < 4; ++turn) {
        const auto request = publisher->request_for(i);
        if (!request) break;
        const auto answer = peers[i]->witness->add_checkpoint(*request, kNow);
        ASSERT_TRUE(publisher->answered(i, answer.status, answer.body).ok());
      }
    }
  }
  TestLog log;
  std::vector<TestWitness*> peers;
  WitnessPolicy policy;
  std::unique_ptr<Publisher> publisher;
};

struct ThreeWitnesses {
  TestWitness a{"w1", 11}, b{"w2", 12}, c{"w3", 13};
  std::vector<TestWitness*> all() { return {&a, &b, &c}; }
};

TEST(Publisher, PublishesWhatAQuorumHasSeen) {
  ThreeWitnesses w;
  TestHost host(w.all(), 2);
  EXPECT_EQ(host.publisher->state(), Publisher::State::asking);
  ASSERT_TRUE(host.publisher->begin().ok());
  host.ask({0});
  EXPECT_EQ(host.publisher->state(), Publisher::State::asking);
  EXPECT_FALSE(host.publisher->published().has_value());
  host.ask({1});
  EXPECT_EQ(host.publisher->state(), Publisher::State::open);
  host.log.grow(10);
  ASSERT_TRUE(host.publisher->begin().ok());
  host.ask({2});  // it has never been asked: 409 does not come, since it knows nothing
  EXPECT_EQ(host.publisher->final_size(), 0u);
  host.ask({0});
  EXPECT_EQ(host.publisher->final_size(), 10u);
  host.ask({1});
  const auto& note = host.publisher->published()->note;
  EXPECT_EQ(verify_note(note, host.policy.witnesses)->size(), 3u);
  EXPECT_EQ(verify_note(note, std::span(&host.log.key.key, 1))->size(), 1u);
  EXPECT_FALSE(host.publisher->request_for(0).has_value());
  ASSERT_TRUE(host.publisher->begin().ok());
  EXPECT_FALSE(host.publisher->request_for(0).has_value());  // nothing new
  ASSERT_TRUE(host.publisher->begin(true).ok());
  EXPECT_TRUE(host.publisher->request_for(0).has_value());
}

TEST(Publisher, CatchesUpAfterAStart) {
  ThreeWitnesses w;
  TestHost host(w.all(), 2);
  ASSERT_TRUE(host.publisher->begin().ok());
  host.ask({0, 1, 2});
  host.log.grow(100);
  ASSERT_TRUE(host.publisher->begin().ok());
  host.ask({0, 1});
  host.log.grow(100);
  host.start();
  EXPECT_EQ(host.publisher->final_size(), 100u);
  ASSERT_TRUE(host.publisher->begin().ok());
  host.ask({0, 1, 2});
  EXPECT_EQ(host.publisher->state(), Publisher::State::open);
  EXPECT_EQ(host.publisher->final_size(), 200u);
}

TEST(Publisher, ARestoredBackupIsReadOnlyAndSaysWhy) {
  ThreeWitnesses w;
  TestHost host(w.all(), 2), old(w.all(), 2);
  ASSERT_TRUE(host.publisher->begin().ok());
  host.ask({0, 1, 2});
  host.log.grow(50);
  old.log.grow(20);  // the same entries, fewer: what the backup holds
  ASSERT_TRUE(host.publisher->begin().ok());
  host.ask({0, 1});
  ASSERT_TRUE(old.publisher->begin().ok());
  old.ask({2});  // it has not seen more
  EXPECT_EQ(old.publisher->state(), Publisher::State::asking);
  old.ask({0});
  EXPECT_EQ(old.publisher->state(), Publisher::State::refused);
  EXPECT_NE(old.publisher->reason().find("w1 has seen 50 entries of this log, here are 20"), std::string::npos);
  EXPECT_FALSE(old.publisher->published().has_value());
  ASSERT_TRUE(old.publisher->begin().ok());
  EXPECT_FALSE(old.publisher->request_for(1).has_value());
}

TEST(Publisher, AnotherHistoryIsRefusedWhetherLongerOrAsLong) {
  for (const std::uint64_t size : {50u, 60u}) {
    ThreeWitnesses w;
    TestHost host(w.all(), 2), fork(w.all(), 2, 'b');
    host.log.grow(50);
    ASSERT_TRUE(host.publisher->begin().ok());
    host.ask({0, 1});
    fork.log.grow(size);
    ASSERT_TRUE(fork.publisher->begin().ok());
    fork.ask({0});
    EXPECT_EQ(fork.publisher->state(), Publisher::State::refused) << size;
    EXPECT_NE(fork.publisher->reason(), "");
  }
}

TEST(Publisher, ANumberOfPoliciesIsRefused) {
  TestLog log;
  TestWitness w;
  const auto open = [&](WitnessPolicy policy) {
    return Publisher::open(log.storage, *log.log, log.key, std::move(policy)).ok();
  };
  EXPECT_TRUE(open({{w.key.key}, 1}));
  EXPECT_FALSE(open({{w.key.key}, 0}));
  EXPECT_FALSE(open({{w.key.key}, 2}));
  EXPECT_FALSE(open({{w.key.key, w.key.key}, 1}));
  EXPECT_FALSE(open({{log.key.key}, 1}));
  EXPECT_TRUE(open({}));
}

TEST(Publisher, WithoutWitnessesItPublishesAndNothingIsFinal) {
  TestHost host({}, 0);
  EXPECT_EQ(host.publisher->state(), Publisher::State::open);
  host.log.grow(3);
  ASSERT_TRUE(host.publisher->begin().ok());
  EXPECT_EQ(host.publisher->published()->checkpoint.size, 3u);
  EXPECT_EQ(host.publisher->final_size(), 0u);
}

TEST(Publisher, ALogShorterThanWhatItPublishedIsDamage) {
  TestHost host({}, 0);
  host.log.grow(3);
  ASSERT_TRUE(host.publisher->begin().ok());
  TestLog shorter, other('b');
  shorter.grow(2);
  other.grow(4);
  for (TestLog* log : {&shorter, &other}) {
    const auto opened = Publisher::open(host.log.storage, *log->log, log->key, {});
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().kind, ErrorKind::damaged);
  }
}

TEST(Publisher, UselessAnswersChangeNothing) {
  ThreeWitnesses w;
  TestHost host(w.all(), 2);
  ASSERT_TRUE(host.publisher->begin().ok());
  const auto request = host.publisher->request_for(0);
  const auto foreign = w.b.witness->add_checkpoint(*host.publisher->request_for(1), kNow);
  for (const auto& [status, body] : std::vector<std::pair<int, std::string>>{{0, ""},
                                                                             {500, "no"},
                                                                             {200, ""},
                                                                             {200, "nonsense"},
                                                                             {200, foreign.body},
                                                                             {409, "x"},
                                                                             {409, ""},
                                                                             {404, "who"}}) {
    ASSERT_TRUE(host.publisher->answered(0, status, body).ok());
    EXPECT_EQ(host.publisher->request_for(0), request) << status << body;
  }
  EXPECT_EQ(host.publisher->state(), Publisher::State::asking);
}

}  // namespace
}  // namespace mw::records
