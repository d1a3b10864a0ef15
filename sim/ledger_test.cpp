// The checker must see what it is there for: each kind of wrong is made on purpose.
#include "sim/ledger.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "sim/disk.h"

namespace mw::sim {
namespace {

class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest()
      : disk_(Random(1)), vfs_("ledger", disk_), journal_(*records::Journal::open({"l.db", vfs_.name(), 0, false})) {}

  static Json thing(std::uint64_t entity, const std::string& name) { return {{"entity", entity}, {"name", name}}; }
  void write(const std::string& kind, std::uint64_t entity, const Json& after, const std::string& way = "") {
    Json body{{"kind", kind}, {"entity", entity}, {"by", 7}};
    if (!after.is_null()) body["thing"] = after;
    if (!way.empty()) body["way"] = way;
    journal_->append({{"s", 0, data::to_text(body)}}).value();
  }
  std::string check() { return ledger_.check(*journal_, "s"); }

  Disk disk_;
  DiskVfs vfs_;
  std::unique_ptr<records::Journal> journal_;
  Ledger ledger_;
};

TEST_F(LedgerTest, AcceptsWhatHappened) {
  write("add", 1, thing(1, "a"));
  write("change", 1, thing(1, "b"));
  write("change", 1, thing(1, "a"), "undo");
  write("change", 1, thing(1, "b"), "redo");
  write("remove", 1, Json());
  EXPECT_EQ(ledger_.acknowledged(1, "add", 1, "a"), "");
  EXPECT_EQ(ledger_.shown(2, 1, thing(1, "b")), "");
  EXPECT_EQ(ledger_.shown(5, 1, Json()), "");
  EXPECT_EQ(ledger_.stood(3, {{1, thing(1, "a")}}), "");
  ledger_.refused("never");
  EXPECT_EQ(check(), "");
}

TEST_F(LedgerTest, SeesWhatIsLost) {
  write("add", 1, thing(1, "a"));
  ASSERT_EQ(ledger_.acknowledged(2, "add", 2, "b"), "");
  EXPECT_EQ(check(), "edit 2 was acknowledged and is lost; the last is 1");
}

TEST_F(LedgerTest, SeesWhatWasShownAndIsLost) {
  ASSERT_EQ(ledger_.shown(1, 2, thing(2, "b")), "");
  EXPECT_EQ(check(), "edit 1 was shown and is lost; the last is 0");
}

TEST_F(LedgerTest, SeesWhatIsAnother) {
  write("add", 1, thing(1, "a"));
  ASSERT_EQ(ledger_.acknowledged(1, "add", 1, "b"), "");
  EXPECT_EQ(check(), "edit 1 is another than was answered");
}

TEST_F(LedgerTest, SeesAnotherScene) {
  write("add", 1, thing(1, "a"));
  ASSERT_EQ(ledger_.stood(1, {}), "");
  EXPECT_EQ(check(), "the scene after edit 1 is another than was shown");
}

TEST_F(LedgerTest, SeesWhatWasRefusedAndIsThere) {
  write("add", 1, thing(1, "a"));
  ledger_.refused("a");
  EXPECT_EQ(check(), "entry 1 was answered with an error");
}

TEST_F(LedgerTest, SeesAnUndoThatRestoresSomethingElse) {
  write("add", 1, thing(1, "a"));
  write("change", 1, thing(1, "b"));
  write("change", 1, thing(1, "c"), "undo");
  EXPECT_EQ(check(), "entry 3 (undo) restores nothing");
}

TEST_F(LedgerTest, SeesContradictionsAtOnce) {
  EXPECT_EQ(ledger_.acknowledged(1, "add", 1, ""), "");
  EXPECT_NE(ledger_.acknowledged(1, "add", 2, ""), "");
  EXPECT_EQ(ledger_.shown(1, 1, thing(1, "a")), "");
  EXPECT_EQ(ledger_.shown(1, 1, thing(1, "a")), "");
  EXPECT_NE(ledger_.shown(1, 1, thing(1, "b")), "");
  EXPECT_EQ(ledger_.stood(1, {}), "");
  EXPECT_NE(ledger_.stood(1, {{1, thing(1, "a")}}), "");
}

}  // namespace
}  // namespace mw::sim
