#include "trust/title.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "crypto/multibase.h"
#include "data/json.h"
#include "trust/test_titles.h"

namespace mw::trust {
namespace {

constexpr const char* kVectors = "schema/vectors/titles.json";

const Party kAda(1), kBo(2), kHost(3);

std::vector<TitleRecord> one_of_each() {
  TitleMove move{crypto::sha256(as_bytes("a")), 3, crypto::sha256(as_bytes("b")), kBo.id()};
  TitleMove other = move;
  other.asset = crypto::sha256(as_bytes("c"));
  return {create_title(kAda, 1),
          make_title(TitleTransfer{move}, {kAda}),
          make_title(TitleRotate{move}, {kAda, kBo}),
          make_title(trade_of(move, other), {kAda, kBo}),
          make_title(TitleLease{move.asset, move.previous, 1, "did:web:b.example", kHost.id(), kTestNow, kTestNow + 60},
                     {kAda}),
          make_title(TitleReturn{move.asset, 1, kTestNow + 30}, {kHost})};
}

TEST(Title, ReadsWhatItWrites) {
  for (const auto& record : one_of_each()) {
    const Bytes bytes = format_title(record);
    EXPECT_TRUE(is_title(bytes));
    EXPECT_LE(bytes.size(), limits::kTitleRecordBytes);
    const auto read = parse_title(bytes);
    ASSERT_TRUE(read.ok()) << read.error().text();
    EXPECT_EQ(read->form, record.form);
    EXPECT_EQ(read->log, kTestLog);
    EXPECT_EQ(read->hash, record.hash);
    EXPECT_EQ(format_title(*read), bytes);
    EXPECT_TRUE(read->signed_by(0, std::holds_alternative<TitleReturn>(record.form) ? kHost.id() : kAda.id()));
  }
}

// Whatever byte is changed: it does not read, or no signature holds, or the changed signature does not.
TEST(Title, NoChangedByteIsSignedByTheSameKeys) {
  for (const auto& record : one_of_each()) {
    const Bytes good = format_title(record);
    for (std::size_t i = 0; i < good.size(); ++i) {
      Bytes changed = good;
      changed[i] ^= 1;
      const auto read = parse_title(changed);
      if (!read.ok()) continue;
      EXPECT_EQ(format_title(*read), changed);
      const auto& first = std::holds_alternative<TitleReturn>(record.form) ? kHost : kAda;
      const bool all = read->signed_by(0, first.id()) && (read->signatures.size() == 1 || read->signed_by(1, kBo.id()));
      EXPECT_FALSE(all) << name_of(record.form) << " byte " << i;
    }
  }
}

TEST(Title, RefusesWhatIsNotTheOneTextOfARecord) {
  const auto good = std::string(as_text(format_title(one_of_each()[1])));
  const auto with = [&](std::string_view from, std::string_view to) {
    auto text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::pair<std::string, std::string> cases[] = {
      {with("sequence 3", "sequence 03"), "title.sequence"},
      {with("sequence 3", "sequence 0"), "title.sequence"},
      {with("sequence 3", "sequence 9007199254740992"), "title.sequence"},
      {with("sequence 3\n", ""), "title.sequence"},
      {with("transfer\n", "steal\n"), "title.kind"},
      {with("log home", "log  home"), "title.log"},
      {with("to z", "to y"), "title.to"},
      {with("asset ", "asset ="), "title.asset"},
      {with("\n\n", "\n"), "title.signature"},
      {with("\n\n", "\nmore 1\n\n"), "title.transfer"},
      {good + "x", "title.signature"},
      {good + good.substr(good.find("\n\n") + 2), "title.signature"},  // one signature too many
      {good.substr(0, good.find("\n\n") + 2), "title.signature"},  // and too few
      {std::string(as_text(format_title(one_of_each()[0]))) + std::string(3'000, 'x'), "title"},
  };
  for (const auto& [text, field] : cases) {
    const auto read = parse_title(as_bytes(text));
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().field, field) << read.error().text() << "\n" << text;
  }
}

TEST(Title, GivesNothingToAKeyThatEnrolmentRefuses) {
  auto form = TitleTransfer{{crypto::sha256(as_bytes("a")), 1, {}, crypto::PublicKey{}}};
  form.move.to.bytes[0] = 1;  // the neutral element: any signature holds for it somewhere
  const auto record = make_title(form, {kAda});
  const auto read = parse_title(format_title(record));
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().field, "title.to");
}

// A history in which every fault occurs, with what each entry is judged: for other implementations.
Json play_history() {
  TitleIndex index(kTestLog);
  Json entries = Json::array();
  const auto play = [&](const Bytes& entry) {
    const auto judged = index.apply(index.entries(), entry);
    constexpr const char* kVerdicts[] = {"other", "counts", "refused"};
    entries.push_back({{"entry", as_text(entry)},
                       {"verdict", kVerdicts[static_cast<int>(judged.verdict)]},
                       {"fault", name_of(judged.fault)}});
  };
  const auto say = [&](const TitleRecord& record) { play(format_title(record)); };
  const auto bench = create_title(kAda, 1), lamp = create_title(kBo, 2);
  play(Bytes{'x'});
  say(bench);
  say(lamp);
  say(bench);
  say(create_title(kAda, 3, "other.example/log"));
  const auto sale = make_title(TitleTransfer{move_of(index, bench.hash, kBo)}, {kAda});
  const auto second_sale = make_title(TitleTransfer{move_of(index, bench.hash, kHost)}, {kAda});
  const auto noise = make_title(TitleTransfer{move_of(index, bench.hash, kHost)}, {kHost});
  say(noise);
  say(sale);
  say(second_sale);
  say(noise);
  say(sale);
  auto ahead = move_of(index, bench.hash, kAda);
  ++ahead.sequence;
  say(make_title(TitleTransfer{ahead}, {kBo}));
  auto rebound = move_of(index, bench.hash, kAda);
  rebound.previous = lamp.hash;
  say(make_title(TitleTransfer{rebound}, {kBo}));
  say(make_title(trade_of(move_of(index, bench.hash, kAda), move_of(index, lamp.hash, kAda)), {kBo, kBo}));
  say(make_title(TitleRotate{move_of(index, lamp.hash, kBo)}, {kAda, kAda}));
  say(make_title(TitleRotate{move_of(index, lamp.hash, kHost)}, {kAda, kHost}));
  const auto lease = [&](std::uint64_t number, const Party& holder, std::int64_t from, std::int64_t until) {
    return make_title(TitleLease{bench.hash, index.find(bench.hash)->head().record, number,
                                 holder.id() == kHost.id() ? "did:web:b.example" : "did:web:c.example", holder.id(),
                                 kTestNow + from, kTestNow + until},
                      {kAda});
  };
  say(lease(1, kHost, 0, 601));
  say(lease(1, kHost, 0, 60));
  say(lease(1, kHost, 60, 90));
  say(lease(2, kBo, 59, 100));
  say(lease(2, kHost, 30, 59));
  say(lease(2, kHost, 30, 120));
  say(make_title(TitleReturn{bench.hash, 2, kTestNow + 70}, {kAda}));
  say(make_title(TitleReturn{bench.hash, 2, kTestNow + 70}, {kHost}));
  say(make_title(TitleReturn{bench.hash, 2, kTestNow + 70}, {kHost}));
  say(lease(3, kBo, 70, 100));
  auto torn = format_title(bench);
  torn.pop_back();
  play(torn);
  auto unknown = move_of(index, bench.hash, kBo);
  unknown.asset.fill(9);
  say(make_title(TitleTransfer{unknown}, {kAda}));
  Json titles = Json::array();
  for (const auto& [asset, title] : index.titles())
    titles.push_back({{"asset", title_hash_text(asset)},
                      {"sequence", title.sequence},
                      {"owner", crypto::multikey(title.head().owner)},
                      {"index", title.head().index}});
  return {
      {"about",
       "schema/titles.md in examples: the entries of one log, what each is judged, and who owns what in the end. The "
       "keys are of the seeds 01..01, 02..02, 03..03 (32 bytes each)."},
      {"log", kTestLog},
      {"entries", std::move(entries)},
      {"titles", std::move(titles)}};
}

TEST(Title, GoldenVector) {
  const Json played = play_history();
  if (std::getenv("MW_WRITE_VECTORS") != nullptr) std::ofstream(kVectors) << played.dump(1) << '\n';
  std::ifstream file(kVectors);
  std::stringstream text;
  text << file.rdbuf();
  ASSERT_EQ(Json::parse(text.str()), played);
  std::set<std::string> faults;
  for (const auto& entry : played["entries"]) faults.insert(entry["fault"].get<std::string>());
  EXPECT_EQ(faults.size(), static_cast<std::size_t>(TitleFault::full)) << "every fault but `full` occurs";
}

}  // namespace
}  // namespace mw::trust
