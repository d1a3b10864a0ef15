#include "trust/title_index.h"

#include <gtest/gtest.h>

#include <random>

#include "trust/lease.h"
#include "trust/test_titles.h"

namespace mw::trust {
namespace {

using Verdict = Judgement::Verdict;

const Party kAda(1), kBo(2), kCy(3), kHostB(11), kHostC(12);

struct Book {
  TitleIndex index{kTestLog};
  std::vector<Bytes> entries;
  Judgement say(const TitleRecord& record) { return say(format_title(record)); }
  Judgement say(const Bytes& entry) {
    entries.push_back(entry);
    return index.apply(index.entries(), entry);
  }
  AssetId create(const Party& owner, Byte serial) {
    const auto record = create_title(owner, serial);
    EXPECT_EQ(say(record).verdict, Verdict::counts);
    return record.hash;
  }
  TitleRecord transfer(const AssetId& asset, const Party& from, const Party& to) const {
    return make_title(TitleTransfer{move_of(index, asset, to)}, {from});
  }
  TitleRecord lease(const AssetId& asset, const Party& owner, std::uint64_t number, const Party& holder,
                    std::int64_t from_s, std::int64_t until_s) const {
    return make_title(TitleLease{asset, index.find(asset)->head().record, number,
                                 holder.id() == kHostB.id() ? "did:web:b.example" : "did:web:c.example", holder.id(),
                                 kTestNow + from_s, kTestNow + until_s},
                      {owner});
  }
  const crypto::PublicKey& owner(const AssetId& asset) const { return index.find(asset)->head().owner; }
};

TEST(TitleIndex, AThingSoldTwiceBelongsToTheFirstAndTheSaleIsEvidence) {
  Book book;
  const auto asset = book.create(kAda, 1);
  const auto first = book.transfer(asset, kAda, kBo), second = book.transfer(asset, kAda, kCy);
  EXPECT_EQ(book.say(first).verdict, Verdict::counts);
  const auto judged = book.say(second);
  EXPECT_EQ(judged.fault, TitleFault::double_sale);
  EXPECT_EQ(book.owner(asset), kBo.id());
  ASSERT_TRUE(judged.evidence);
  EXPECT_EQ(judged.evidence->first, 1u);
  EXPECT_EQ(judged.evidence->second, 2u);
  EXPECT_TRUE(verify_double_sale(*judged.evidence, book.entries[1], book.entries[2]).ok());
  EXPECT_FALSE(verify_double_sale(*judged.evidence, book.entries[1], book.entries[1]).ok());
  auto slander = *judged.evidence;
  slander.seller = kBo.id();
  EXPECT_FALSE(verify_double_sale(slander, book.entries[1], book.entries[2]).ok());
  // Long after, when the title has moved on, it still is.
  EXPECT_EQ(book.say(book.transfer(asset, kBo, kAda)).verdict, Verdict::counts);
  auto late = std::get<TitleTransfer>(second.form);
  late.move.to = kAda.id();
  EXPECT_EQ(book.say(make_title(late, {kAda})).fault, TitleFault::double_sale);
}

TEST(TitleIndex, NobodyCanMakeAnotherLookLikeASellerOfTheSameThing) {
  Book book;
  const auto asset = book.create(kAda, 1);
  const auto form = TitleTransfer{move_of(book.index, asset, kCy)};
  EXPECT_EQ(book.say(book.transfer(asset, kAda, kBo)).verdict, Verdict::counts);
  const auto judged = book.say(make_title(form, {kCy}));
  EXPECT_EQ(judged.fault, TitleFault::taken);
  EXPECT_FALSE(judged.evidence);
}

TEST(TitleIndex, ForgedReplayedAndReboundTransfersMoveNothing) {
  Book book;
  const auto asset = book.create(kAda, 1), other = book.create(kAda, 2);
  EXPECT_EQ(book.say(book.transfer(asset, kBo, kBo)).fault, TitleFault::forged);
  const auto sale = book.transfer(asset, kAda, kBo);
  EXPECT_EQ(book.say(sale).verdict, Verdict::counts);
  EXPECT_EQ(book.say(sale).fault, TitleFault::replayed);
  EXPECT_EQ(book.say(book.transfer(asset, kBo, kAda)).verdict, Verdict::counts);
  // Ada has it again: what she signed before does not sell it again.
  EXPECT_EQ(book.say(sale).fault, TitleFault::replayed);
  // Her signature about one thing is bound to that thing: its bytes about another are not signed.
  auto form = std::get<TitleTransfer>(sale.form);
  form.move.asset = other;
  auto bound = title_record(kTestLog, form, sale.signatures).value();
  EXPECT_EQ(book.say(bound).fault, TitleFault::rebound);
  form.move.previous = book.index.find(other)->head().record;
  bound = title_record(kTestLog, form, sale.signatures).value();
  EXPECT_EQ(book.say(bound).fault, TitleFault::forged);
  // And to its log.
  EXPECT_EQ(book.say(title_record("other.example/log", sale.form, sale.signatures).value()).fault,
            TitleFault::other_log);
  EXPECT_EQ(book.owner(asset), kAda.id());
  EXPECT_EQ(book.owner(other), kAda.id());
}

TEST(TitleIndex, AKeyIsRotatedByBothKeys) {
  Book book;
  const auto asset = book.create(kAda, 1);
  const auto form = TitleRotate{move_of(book.index, asset, kBo)};
  EXPECT_EQ(book.say(make_title(form, {kAda, kAda})).fault, TitleFault::forged);
  EXPECT_EQ(book.say(make_title(form, {kBo, kBo})).fault, TitleFault::forged);
  EXPECT_EQ(book.say(make_title(form, {kAda, kBo})).verdict, Verdict::counts);
  EXPECT_TRUE(book.index.find(asset)->head().rotation);
  EXPECT_EQ(book.say(book.transfer(asset, kAda, kCy)).fault, TitleFault::forged);  // the old key is none any more
  EXPECT_EQ(book.say(book.transfer(asset, kBo, kCy)).verdict, Verdict::counts);
}

TEST(TitleIndex, ATradeMovesBothOrNone) {
  Book book;
  const auto bench = book.create(kAda, 1), lamp = book.create(kBo, 2);
  const auto trade = trade_of(move_of(book.index, bench, kBo), move_of(book.index, lamp, kAda));
  const bool bench_first = bench < lamp;
  const std::vector<Party> right = bench_first ? std::vector{kAda, kBo} : std::vector{kBo, kAda};
  const std::vector<Party> wrong = bench_first ? std::vector{kAda, kAda} : std::vector{kAda, kAda};
  EXPECT_EQ(book.say(make_title(trade, wrong)).fault, TitleFault::forged);
  EXPECT_EQ(book.owner(bench), kAda.id());
  EXPECT_EQ(book.owner(lamp), kBo.id());
  EXPECT_EQ(book.say(make_title(trade, right)).verdict, Verdict::counts);
  EXPECT_EQ(book.owner(bench), kBo.id());
  EXPECT_EQ(book.owner(lamp), kAda.id());
  // Bo gives the bench away, and trades it all the same: the lamp stays.
  const auto again = trade_of(move_of(book.index, bench, kAda), move_of(book.index, lamp, kBo));
  EXPECT_EQ(book.say(book.transfer(bench, kBo, kCy)).verdict, Verdict::counts);
  const auto judged = book.say(make_title(again, bench_first ? std::vector{kBo, kAda} : std::vector{kAda, kBo}));
  EXPECT_EQ(judged.fault, TitleFault::double_sale);
  ASSERT_TRUE(judged.evidence);
  EXPECT_EQ(judged.evidence->asset, bench);
  EXPECT_TRUE(
      verify_double_sale(*judged.evidence, book.entries[judged.evidence->first], book.entries[judged.evidence->second])
          .ok());
  EXPECT_EQ(book.owner(lamp), kAda.id());
}

TEST(TitleIndex, LeasesDoNotOverlapAndAreMadeLongerByTheSameHostAlone) {
  Book book;
  const auto asset = book.create(kAda, 1);
  EXPECT_EQ(book.say(book.lease(asset, kBo, 1, kHostB, 0, 60)).fault, TitleFault::forged);
  EXPECT_EQ(book.say(book.lease(asset, kAda, 1, kHostB, 0, 601)).fault, TitleFault::lease_too_long);
  EXPECT_EQ(book.say(book.lease(asset, kAda, 2, kHostB, 0, 60)).fault, TitleFault::lease_taken);
  EXPECT_EQ(book.say(book.lease(asset, kAda, 1, kHostB, 0, 60)).verdict, Verdict::counts);
  EXPECT_EQ(book.say(book.lease(asset, kAda, 2, kHostC, 59, 90)).fault, TitleFault::lease_overlaps);
  EXPECT_EQ(book.say(book.lease(asset, kAda, 2, kHostB, 30, 50)).fault, TitleFault::lease_shorter);
  EXPECT_EQ(book.say(book.lease(asset, kAda, 2, kHostB, 30, 90)).verdict, Verdict::counts);
  EXPECT_EQ(book.index.find(asset)->lease->from_s, kTestNow);
  EXPECT_EQ(book.say(make_title(TitleReturn{asset, 1, kTestNow + 70}, {kHostB})).fault, TitleFault::lease_over);
  EXPECT_EQ(book.say(make_title(TitleReturn{asset, 2, kTestNow + 70}, {kHostC})).fault, TitleFault::forged);
  EXPECT_EQ(book.say(make_title(TitleReturn{asset, 2, kTestNow + 70}, {kHostB})).verdict, Verdict::counts);
  EXPECT_EQ(book.say(book.lease(asset, kAda, 3, kHostC, 70, 100)).verdict, Verdict::counts);
  // One that is made longer never reaches back into the lease before it.
  EXPECT_EQ(book.say(book.lease(asset, kAda, 4, kHostC, 40, 120)).verdict, Verdict::counts);
  EXPECT_EQ(book.index.find(asset)->lease->from_s, kTestNow + 70);
  // A title that moves keeps its lease, and its new owner is who makes it longer.
  EXPECT_EQ(book.say(book.transfer(asset, kAda, kBo)).verdict, Verdict::counts);
  EXPECT_EQ(book.say(book.lease(asset, kAda, 5, kHostC, 100, 130)).fault, TitleFault::forged);
  EXPECT_EQ(book.say(book.lease(asset, kBo, 5, kHostC, 100, 130)).verdict, Verdict::counts);
}

TEST(TitleIndex, SavesAndGoesOn) {
  Book book;
  const auto bench = book.create(kAda, 1);
  book.create(kBo, 2);
  book.say(book.transfer(bench, kAda, kBo));
  book.say(book.lease(bench, kBo, 1, kHostB, 0, 60));
  const auto restored = TitleIndex::restore(kTestLog, book.index.save());
  ASSERT_TRUE(restored.ok()) << restored.error().text();
  EXPECT_EQ(restored->titles(), book.index.titles());
  EXPECT_EQ(restored->entries(), book.index.entries());
  EXPECT_EQ(restored->save(), book.index.save());
  const auto text = book.index.save();
  EXPECT_FALSE(TitleIndex::restore("other.example/log", text).ok());
  for (std::size_t cut = 0; cut < text.size(); cut += 7) {
    const auto cut_off = TitleIndex::restore(kTestLog, text.substr(0, cut));
    EXPECT_TRUE(!cut_off.ok() || text[cut - 1] == '\n') << cut;
  }
}

TEST(TitleIndex, IsBoundedAndSaysSo) {
  TitleIndex index(kTestLog, 2);
  for (Byte i = 0; i < 3; ++i) {
    const auto judged = index.apply(i, format_title(create_title(kAda, i)));
    EXPECT_EQ(judged.fault, i < 2 ? TitleFault::none : TitleFault::full);
  }
  EXPECT_FALSE(index.complete());
  Book book;
  const auto asset = book.create(kAda, 1);
  for (int i = 0; i < 200; ++i)
    ASSERT_EQ(book.say(book.transfer(asset, i % 2 == 0 ? kAda : kBo, i % 2 == 0 ? kBo : kAda)).verdict,
              Verdict::counts);
  EXPECT_EQ(book.index.find(asset)->history.size(), limits::kTitleHistory);
  EXPECT_EQ(book.index.find(asset)->sequence, 200u);
}

// Property: whatever records come, good ones and disturbed ones, each title's history is a chain of signed moves, sequences have
// no gaps, and a second reader comes to the same.
TEST(TitleIndex, HoldsForRandomHistories) {
  const std::vector<Party> people{kAda, kBo, kCy};
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
    Book book;
    std::vector<AssetId> assets;
    std::map<AssetId, std::uint64_t> sequences;
    for (Byte i = 0; i < 4; ++i) assets.push_back(book.create(people[below(3)], i));
    for (int step = 0; step < 60; ++step) {
      const auto &asset = assets[below(4)], &other = assets[below(4)];
      const Party &by = people[below(3)], &to = people[below(3)];
      auto move = move_of(book.index, asset, to);
      if (below(10) == 0) move.sequence -= std::min<std::uint64_t>(move.sequence - 1, below(3));
      if (below(10) == 0) move.previous.fill(1);
      const bool trade = asset != other && below(3) == 0;
      const auto record = trade ? make_title(trade_of(move, move_of(book.index, other, by)), {by, people[below(3)]})
                                : make_title(TitleTransfer{move}, {by});
      const auto before = book.index.titles();
      const bool would = book.index.judge(record).verdict == Verdict::counts;
      const auto judged = book.say(record);
      EXPECT_EQ(would, judged.verdict == Verdict::counts);
      if (judged.verdict != Verdict::counts) {
        EXPECT_EQ(book.index.titles(), before) << judged.why;
        continue;
      }
      for (const auto& moved : judged.assets) EXPECT_EQ(book.index.find(moved)->sequence, ++sequences[moved]);
    }
    TitleIndex second(kTestLog);
    for (std::size_t i = 0; i < book.entries.size(); ++i) second.apply(i, book.entries[i]);
    EXPECT_EQ(second.titles(), book.index.titles());
  }
}

// --- Leases, by the clock --------------------------------------------------------------------------------------------

TEST(LeaseClock, NoTwoHostsShowAThingAtOnceThoughTheirClocksDiffer) {
  const Lease first{1, "did:web:b.example", kHostB.id(), 1'000, 1'060, 0};
  const Lease second{2, "did:web:c.example", kHostC.id(), 1'060, 1'100, 0};
  for (std::int64_t b = -5'000; b <= 5'000; b += 1'000) {
    for (std::int64_t c = b - 5'000; c <= b + 5'000; c += 1'000) {
      for (std::int64_t now = 990'000; now < 1'120'000; now += 500) {
        const bool here = may_show(first, kHostB.id(), now + b).ok(),
                   there = may_show(second, kHostC.id(), now + c).ok();
        EXPECT_FALSE(here && there) << b << " " << c << " " << now;
      }
    }
  }
}

TEST(LeaseClock, AVisitorWithALeaseFromElsewhereIsRefused) {
  const Lease lease{1, "did:web:b.example", kHostB.id(), 1'000, 1'060, 0};
  const auto refused = may_show(lease, kHostC.id(), 1'030'000);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::forbidden);
  EXPECT_TRUE(may_show(lease, kHostB.id(), 1'030'000).ok());
  EXPECT_FALSE(may_show(lease, kHostB.id(), 1'004'999).ok());
  EXPECT_FALSE(may_show(lease, kHostB.id(), 1'055'000).ok());
}

TEST(LeaseClock, HomeHasItBackAfterTheLeaseAndTheSkew) {
  Title title;
  EXPECT_TRUE(at_home(title, 0));
  title.lease = Lease{1, "did:web:b.example", kHostB.id(), 1'000, 1'060, 0};
  EXPECT_FALSE(at_home(title, 1'064'999));
  EXPECT_TRUE(at_home(title, 1'065'000));
}

// Whatever the error of the clock and the time that the answer takes: one that passes is wrong by no more than the skew.
TEST(LeaseClock, AClockThatIsWrongIsFoundOut) {
  EXPECT_FALSE(CosignedClock().good(0).ok());
  int passed = 0, right = 0;
  for (std::int64_t error = -9'000; error <= 9'000; error += 250) {
    for (std::int64_t there = 0; there <= 3'000; there += 500) {
      for (std::int64_t back = 0; back <= 3'000; back += 500) {
        for (const std::int64_t witness : {-1'000, 0, 1'000}) {
          const std::int64_t asked = 1'000'300, cosigned = (asked + there + witness) / 1'000;
          CosignedClock clock;
          const bool good = clock.answered(cosigned, asked + error, asked + there + back + error).ok();
          EXPECT_TRUE(!good || std::abs(error) <= limits::kClockSkewMs) << error << " " << there << " " << back;
          passed += good;
          right += std::abs(error) <= 1'000 && there + back <= 1'000 && !good;
        }
      }
    }
  }
  EXPECT_GT(passed, 1'000);
  EXPECT_EQ(right, 0);  // one that is right passes when the answer is quick
  CosignedClock clock;
  EXPECT_TRUE(clock.answered(1'000, 1'000'000, 1'000'100).ok());
  EXPECT_TRUE(clock.good(1'060'000).ok());
  EXPECT_FALSE(clock.good(1'060'101).ok());
  EXPECT_FALSE(clock.good(999'000).ok());  // set back since
}

TEST(LeaseClock, CosignedTimeIsNoLiarsAlone) {
  const auto of = [](std::vector<std::int64_t> times) {
    std::vector<records::Verified> all;
    for (const auto time : times) all.push_back({0, 0, time});
    return cosigned_time(all);
  };
  EXPECT_EQ(of({}), 0);
  EXPECT_EQ(of({5}), 5);
  EXPECT_EQ(of({100, 101, 999'999}), 101);
  EXPECT_EQ(of({1, 100, 101}), 100);
}

TEST(LeaseClock, ALeaseBeginsWhenItIsRecorded) {
  TitleLease lease;
  lease.from_s = 1'000;
  EXPECT_TRUE(lease_begins_now(lease, 1'005'000).ok());
  EXPECT_TRUE(lease_begins_now(lease, 995'000).ok());
  EXPECT_FALSE(lease_begins_now(lease, 994'999).ok());
  EXPECT_FALSE(lease_begins_now(lease, 1'005'001).ok());
}

}  // namespace
}  // namespace mw::trust
