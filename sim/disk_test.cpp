#include "sim/disk.h"

#include <gtest/gtest.h>

#include <set>

#include "base/format.h"
#include "records/journal.h"
#include "sim/events.h"

namespace mw::sim {
namespace {

Bytes filled(std::size_t size, Byte value) { return Bytes(size, value); }

TEST(Events, RunInOrderOfTimeThenOfAsking) {
  Events events(false);
  std::string order;
  events.after(20, [&] { order += 'c'; });
  events.after(10, [&] {
    order += 'a';
    events.after(0, [&] { order += 'b'; });
  });
  events.after(20, [&] { order += 'd'; });
  events.after(30, [&] { order += 'x'; });
  events.run_until(25);
  EXPECT_EQ(order, "abcd");
  EXPECT_EQ(events.now(), 25);
}

TEST(Events, TheTraceHashSeesEveryLine) {
  Events a(false), b(false), c(false);
  a.trace("x", "one");
  b.trace("x", "one");
  c.trace("x", "two");
  EXPECT_EQ(a.trace_hash(), b.trace_hash());
  EXPECT_NE(a.trace_hash(), c.trace_hash());
}

TEST(Disk, KeepsWhatWasSyncedWhateverHappens) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Disk disk{Random(seed)};
    auto file = disk.create("f");
    disk.write(*file, 0, filled(3 * kSectorBytes, 1));
    disk.sync(*file, true);
    disk.write(*file, 0, filled(3 * kSectorBytes, 2));
    disk.turn_off();
    disk.turn_on(true);
    file = disk.find("f");
    ASSERT_NE(file, nullptr);
    ASSERT_EQ(file->current.size(), 3 * kSectorBytes);
    for (std::size_t i = 0; i < file->current.size(); ++i) {
      ASSERT_TRUE(file->current[i] == 1 || file->current[i] == 2);
      ASSERT_EQ(file->current[i], file->current[i / kSectorBytes * kSectorBytes]);  // sectors are whole
    }
  }
}

TEST(Disk, LosesEverySubsetOfSectors) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Disk disk{Random(seed)};
    auto file = disk.create("f");
    disk.write(*file, 0, filled(3 * kSectorBytes, 1));
    disk.sync(*file, true);
    disk.write(*file, 0, filled(3 * kSectorBytes, 2));
    disk.turn_off();
    disk.turn_on(true);
    file = disk.find("f");
    std::string outcome;
    for (std::size_t i = 0; i < 3; ++i) outcome += static_cast<char>('0' + file->current[i * kSectorBytes]);
    outcomes.insert(outcome);
  }
  EXPECT_EQ(outcomes.size(), 8u);
}

TEST(Disk, AKilledProcessLosesNothing) {
  Disk disk{Random(1)};
  auto file = disk.create("f");
  disk.write(*file, 0, filled(100, 1));
  disk.turn_off();
  EXPECT_EQ(disk.find("f"), nullptr);
  disk.turn_on(false);
  EXPECT_EQ(disk.find("f")->current, filled(100, 1));
  disk.turn_off();
  disk.turn_on(true);  // and yet it was never synced
  EXPECT_TRUE(disk.find("f") == nullptr || disk.find("f")->current.size() <= 100);
}

TEST(Disk, NamesNeedASyncOfTheFolder) {
  int kept = 0, lost = 0, back = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Disk disk{Random(seed)};
    auto old = disk.create("old");
    disk.sync(*old, true);
    auto file = disk.create("new");
    disk.sync(*file, false);
    disk.remove("old", false);
    disk.turn_off();
    disk.turn_on(true);
    ++(disk.find("new") != nullptr ? kept : lost);
    back += disk.find("old") != nullptr ? 1 : 0;
    ASSERT_FALSE(disk.find("new") == nullptr && disk.find("old") == nullptr);  // in order
  }
  EXPECT_GT(kept, 0);
  EXPECT_GT(lost, 0);
  EXPECT_GT(back, lost - 1);
}

TEST(Disk, GoesOffAtTheChangeThatWasAsked) {
  Disk disk{Random(1)};
  auto file = disk.create("f");
  disk.turn_off_after(2);
  EXPECT_EQ(disk.write(*file, 0, filled(10, 1)), Disk::Outcome::done);
  EXPECT_EQ(disk.sync(*file, false), Disk::Outcome::done);
  EXPECT_EQ(disk.write(*file, 0, filled(10, 2)), Disk::Outcome::off);
  EXPECT_TRUE(disk.off());
  EXPECT_EQ(disk.write(*file, 0, filled(10, 3)), Disk::Outcome::off);
  EXPECT_EQ(disk.create("g"), nullptr);
}

TEST(Disk, CanBeFull) {
  Disk disk{Random(1)};
  auto file = disk.create("f");
  disk.write(*file, 0, filled(10, 1));
  disk.set_full(true);
  EXPECT_EQ(disk.write(*file, 0, filled(10, 2)), Disk::Outcome::done);
  EXPECT_EQ(disk.write(*file, 5, filled(10, 2)), Disk::Outcome::full);
  disk.set_full(false);
  EXPECT_EQ(disk.write(*file, 5, filled(10, 2)), Disk::Outcome::done);
}

TEST(DiskVfs, AFullDiskIsSaidSoAndPasses) {
  Disk disk{Random(1)};
  const DiskVfs vfs("full-disk", disk);
  auto journal = *records::Journal::open({"j.db", vfs.name(), 0, false});
  journal->append({{"a", 0, "1"}}).value();
  disk.set_full(true);
  EXPECT_EQ(journal->append({{"a", 0, std::string(16'000, 'x')}}).error().kind, ErrorKind::full);
  EXPECT_EQ(journal->read("a", 0, 10)->size(), 1u);
  disk.set_full(false);
  EXPECT_EQ(journal->append({{"a", 0, "2"}})->at(0), 2u);
}

TEST(DiskVfs, AnAcknowledgedAppendIsThereAfterAPowerCut) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Disk disk{Random(seed)};
    const DiskVfs vfs("power", disk);
    auto journal = *records::Journal::open({"j.db", vfs.name(), 0, false});
    for (int i = 0; i < 5; ++i) journal->append({{"a", 0, std::string(3'000, 'x')}}).value();
    disk.turn_off();
    journal.reset();
    disk.turn_on(true);
    journal = *records::Journal::open({"j.db", vfs.name(), 0, false});
    ASSERT_EQ(journal->extent("a")->last, 5u) << seed;
    ASSERT_TRUE(journal->check().ok());
  }
}

TEST(DiskVfs, TwoConnectionsShareTheLogsIndex) {
  Disk disk{Random(1)};
  const DiskVfs vfs("two", disk);
  auto writer = *records::Journal::open({"j.db", vfs.name(), 0, false});
  writer->append({{"a", 0, "1"}}).value();
  auto reader = *records::Journal::open({"j.db", vfs.name(), 0, true});
  EXPECT_EQ(reader->extent("a")->last, 1u);
  writer->append({{"a", 0, "2"}}).value();
  EXPECT_EQ(reader->read("a", 0, 10)->size(), 2u);
  ASSERT_TRUE(writer->copy_to("copy.db").ok());
  EXPECT_TRUE((*records::Journal::open({"copy.db", vfs.name(), 0, false}))->check().ok());
}

}  // namespace
}  // namespace mw::sim
