#include "records/log.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <map>
#include <thread>

#include "base/format.h"
#include "base/limits.h"
#include "records/log_queue.h"
#include "records/test_storage.h"

namespace mw::records {
namespace {

std::string entry_text(std::uint64_t i) { return format("entry {} {}", i, std::string(i % 50, 'x')); }

void append_some(Log& log, std::size_t count, std::size_t per_batch) {
  while (count > 0) {
    std::vector<std::string> texts;
    std::vector<ByteView> entries;
    texts.reserve(per_batch);
    entries.reserve(per_batch);
    for (std::size_t i = 0; i < std::min(per_batch, count); ++i) texts.push_back(entry_text(log.size() + i));
    for (const auto& text : texts) entries.push_back(as_bytes(text));
    const std::uint64_t first = log.size();
    ASSERT_EQ(log.append(entries).value(), first);
    count -= entries.size();
  }
}

Hash expected_root(std::uint64_t size) {
  Frontier frontier;
  for (std::uint64_t i = 0; i < size; ++i) frontier.append(leaf_hash(as_bytes(entry_text(i))));
  return frontier.root();
}

void expect_whole(Log& log, std::uint64_t size) {
  ASSERT_EQ(log.size(), size);
  ASSERT_EQ(log.root(), expected_root(size));
  auto nodes = log.nodes(size);
  ASSERT_EQ(tree_root(nodes, size).value(), log.root());
  for (std::uint64_t tile = 0; tile * 256 < size; ++tile) {
    const auto bundle = log.read({true, 0, tile, tile_width(0, tile, size)});
    ASSERT_TRUE(bundle.ok()) << bundle.error().text();
    const auto entries = parse_bundle(*bundle, tile_width(0, tile, size));
    ASSERT_TRUE(entries.ok());
    for (std::size_t i = 0; i < entries->size(); ++i) ASSERT_EQ(as_text(entries->at(i)), entry_text(tile * 256 + i));
  }
  if (size > 0) {
    EXPECT_EQ(as_text(log.entry(size - 1).value()), entry_text(size - 1));
  }
  EXPECT_FALSE(log.entry(size).ok());
}

TEST(Log, KeepsItsEntriesAcrossOpenings) {
  MemoryStorage storage;
  std::uint64_t size = 0;
  for (const std::size_t more : {0u, 1u, 3u, 252u, 1u, 300u, 2000u}) {
    auto log = Log::open(storage).value();
    ASSERT_EQ(log->size(), size);
    append_some(*log, more, 1 + more / 3);
    size += more;
    expect_whole(*log, size);
  }
  auto log = Log::open(storage).value();
  EXPECT_EQ(log->entries_read_at_start(), size);
  ASSERT_TRUE(log->save_mark().ok());
  log = Log::open(storage).value();
  EXPECT_EQ(log->entries_read_at_start(), 0u);
  expect_whole(*log, size);
}

TEST(Log, OneSyncForABatch) {
  MemoryStorage storage;
  auto log = Log::open(storage).value();
  storage.syncs = 0;
  append_some(*log, 100, 100);
  EXPECT_EQ(storage.syncs, 1);
}

// A process that was killed before its sync leaves a whole batch in the system's memory, which a power cut still takes.
TEST(Log, WhatIsReadAtAStartIsSyncedBeforeItCounts) {
  MemoryStorage storage;
  append_some(*Log::open(storage).value(), 10, 10);
  storage.syncs = 0;
  auto log = Log::open(storage).value();
  EXPECT_EQ(log->entries_read_at_start(), 10u);
  EXPECT_EQ(storage.syncs, 1);
  storage.sync_fails = true;
  EXPECT_FALSE(Log::open(storage).ok());
}

TEST(Log, ABatchCutAnywhereIsGoneAndTheRestIsThere) {
  MemoryStorage whole;
  std::uint64_t before = 0;
  {
    auto log = Log::open(whole).value();
    append_some(*log, 20, 7);
    before = whole.files["entries"].size();
    append_some(*log, 5, 5);
  }
  const std::uint64_t after = whole.files["entries"].size();
  for (std::uint64_t cut = before; cut <= after; ++cut) {
    MemoryStorage torn = whole;
    torn.files["entries"].resize(cut);
    auto log = Log::open(torn).value();
    ASSERT_EQ(log->size(), cut == after ? 25u : 20u);
    append_some(*log, 4, 2);
    expect_whole(*log, cut == after ? 29 : 24);
  }
  for (std::uint64_t at = before; at < after; ++at) {
    MemoryStorage torn = whole;
    torn.files["entries"][at] ^= 0x10;
    const auto log = Log::open(torn);
    if (!log.ok()) {
      ASSERT_EQ(log.error().kind, ErrorKind::version) << at;  // the byte of the format
      continue;
    }
    ASSERT_EQ((*log)->size(), 20u) << at;
  }
}

TEST(Log, LostIndexAndHashesAreMadeAgain) {
  MemoryStorage storage;
  {
    auto log = Log::open(storage).value();
    append_some(*log, 600, 50);
    ASSERT_TRUE(log->save_mark().ok());
    append_some(*log, 300, 50);
  }
  for (const char* name : {"index", "hashes.0", "hashes.1", "mark"}) {
    MemoryStorage part = storage;
    part.files[name].resize(part.files[name].size() / 2);
    auto log = Log::open(part).value();
    expect_whole(*log, 900);
  }
  // What was not synced after the mark may be anything.
  MemoryStorage part = storage;
  std::fill(part.files["index"].begin() + 600 * 8, part.files["index"].end(), Byte{0xEE});
  std::fill(part.files["hashes.0"].begin() + 600 * 32, part.files["hashes.0"].end(), Byte{0xEE});
  expect_whole(*Log::open(part).value(), 900);
}

TEST(Log, DamageIsNoCrash) {
  MemoryStorage storage;
  {
    auto log = Log::open(storage).value();
    append_some(*log, 100, 10);
    ASSERT_TRUE(log->save_mark().ok());
  }
  MemoryStorage shorter = storage;
  shorter.files["entries"].resize(500);
  EXPECT_EQ(Log::open(shorter).error().kind, ErrorKind::damaged);
  // More than one batch that does not check: the entries were on disk once.
  MemoryStorage spoilt;
  {
    auto log = Log::open(spoilt).value();
    const Bytes big(limits::kLogEntryBytes, 7);
    const std::vector<ByteView> batch(60, ByteView(big));
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(log->append(batch).ok());
  }
  spoilt.files["entries"][100] ^= 1;
  EXPECT_EQ(Log::open(spoilt).error().kind, ErrorKind::damaged);
  storage.files["entries"][7] = 2;
  storage.files.erase("mark");
  EXPECT_EQ(Log::open(storage).error().kind, ErrorKind::version);
}

TEST(Log, AFullDiskRefusesABatchAsAWhole) {
  MemoryStorage storage;
  auto log = Log::open(storage).value();
  append_some(*log, 10, 10);
  const std::string text(1000, 'y');
  const std::vector<ByteView> batch(10, as_bytes(text));
  for (const std::size_t room : {0u, 10u, 5'000u, 10'070u, 10'100u, 10'200u}) {
    storage.room = room;
    EXPECT_EQ(log->append(batch).error().kind, ErrorKind::full) << room;
    EXPECT_EQ(log->size(), 10u);
    MemoryStorage later = storage;
    later.room = SIZE_MAX;
    EXPECT_EQ(Log::open(later).value()->size(), 10u);  // nothing of it is there
  }
  storage.room = SIZE_MAX;
  append_some(*log, 10, 10);
  expect_whole(*log, 20);
}

TEST(Log, AfterAFailedSyncNothingIsTaken) {
  MemoryStorage storage;
  auto log = Log::open(storage).value();
  append_some(*log, 10, 10);
  storage.sync_fails = true;
  const std::string text = "z";
  const std::vector<ByteView> batch(1, as_bytes(text));
  EXPECT_EQ(log->append(batch).error().kind, ErrorKind::unavailable);
  storage.sync_fails = false;
  EXPECT_EQ(log->append(batch).error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(log->failed());
  expect_whole(*log, 10);  // reading goes on
}

TEST(Log, LimitsAreSaid) {
  MemoryStorage storage;
  auto log = Log::open(storage).value();
  EXPECT_EQ(log->append({}).error().kind, ErrorKind::invalid);
  const Bytes over(limits::kLogEntryBytes + 1), most(limits::kLogEntryBytes);
  const std::vector<ByteView> one(1, ByteView(over)), many(limits::kLogBatchEntries + 1, ByteView()),
      heavy(limits::kLogBatchBytes / most.size() + 1, ByteView(most));
  EXPECT_EQ(log->append(one).error().kind, ErrorKind::too_large);
  EXPECT_EQ(log->append(many).error().kind, ErrorKind::too_large);
  EXPECT_EQ(log->append(heavy).error().kind, ErrorKind::too_large);
  EXPECT_EQ(log->size(), 0u);
  EXPECT_EQ(log->read({false, 0, 0, 1}).error().kind, ErrorKind::not_found);
}

// --- On the file system, by many threads -------------------------------------------------------------------------------

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mw-log-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path;
};

TEST(LogQueue, ManyWritersShareSyncsAndEachEntryIsThereOnce) {
  const Folder folder;
  constexpr int kWriters = 8, kEach = 500;
  auto storage = platform::folder_storage(folder.path + "/log").value();
  std::map<std::uint64_t, std::string> acknowledged;
  {
    LogQueue queue(Log::open(*storage).value());
    std::mutex mutex;
    std::vector<std::thread> writers;
    writers.reserve(kWriters);
    for (int w = 0; w < kWriters; ++w) {
      writers.emplace_back([&, w] {
        for (int i = 0; i < kEach; ++i) {
          const std::string text = format("{} {}", w, i);
          queue.append(Bytes(text.begin(), text.end()), [&, text](Result<std::uint64_t> index) {
            ASSERT_TRUE(index.ok());
            const std::lock_guard lock(mutex);
            ASSERT_TRUE(acknowledged.emplace(*index, text).second);
          });
        }
      });
    }
    for (auto& writer : writers) writer.join();
    std::promise<void> settled;
    queue.run([&](Log&) { settled.set_value(); });
    settled.get_future().wait();
    const auto stats = queue.stats();
    EXPECT_EQ(stats.entries, static_cast<std::uint64_t>(kWriters * kEach));
    EXPECT_LT(stats.batches, stats.entries / 2);
  }
  auto log = Log::open(*storage).value();
  EXPECT_EQ(log->entries_read_at_start(), 0u);  // the queue saved the mark
  ASSERT_EQ(acknowledged.size(), static_cast<std::size_t>(kWriters * kEach));
  for (const auto& [index, text] : acknowledged) ASSERT_EQ(as_text(log->entry(index).value()), text);
}

TEST(LogQueue, SaysWhenAnEntryIsTooLarge) {
  MemoryStorage storage;
  LogQueue queue(Log::open(storage).value());
  std::promise<ErrorKind> kind;
  queue.append(Bytes(limits::kLogEntryBytes + 1), [&](Result<std::uint64_t> r) { kind.set_value(r.error().kind); });
  EXPECT_EQ(kind.get_future().get(), ErrorKind::too_large);
}

}  // namespace
}  // namespace mw::records
