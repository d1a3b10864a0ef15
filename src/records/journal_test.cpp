#include "records/journal.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/format.h"
#include "base/limits.h"
#include "records/migrations.h"

namespace mw::records {
namespace {

namespace fs = std::filesystem;

class JournalTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "mw-journal-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    options_.path = (folder_ / "journal.db").string();
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<Journal> open() {
    auto journal = Journal::open(options_);
    EXPECT_TRUE(journal.ok()) << (journal.ok() ? "" : journal.error().text());
    return journal.ok() ? *std::move(journal) : nullptr;
  }
  ErrorKind open_error() {
    auto journal = Journal::open(options_);
    return journal.ok() ? ErrorKind::internal : journal.error().kind;
  }
  std::string bytes() const {
    std::ifstream in(options_.path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void sql(const std::string& text) {
    auto database = Database::open(options_.path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "");
    ASSERT_TRUE(database.ok());
    const auto status = database->execute(text);
    ASSERT_TRUE(status.ok()) << status.error().text();
  }
  static Append edit(std::string stream, std::string body) {
    return {std::move(stream), 1'700'000'000'000, std::move(body)};
  }

  fs::path folder_;
  Options options_;
};

TEST_F(JournalTest, CountsEachStreamFromOneWithoutGaps) {
  auto journal = open();
  EXPECT_EQ(*journal->append({edit("a", "1"), edit("b", "x"), edit("a", "2")}), (std::vector<std::uint64_t>{1, 1, 2}));
  EXPECT_EQ(*journal->append({edit("a", "3")}), (std::vector<std::uint64_t>{3}));
  const auto entries = journal->read("a", 1, 10);
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].sequence, 2u);
  EXPECT_EQ((*entries)[0].time_ms, 1'700'000'000'000);
  EXPECT_EQ((*entries)[1].body, "3");
  EXPECT_EQ(journal->read("a", 0, 2)->size(), 2u);
  EXPECT_TRUE(journal->read("nobody", 0, 10)->empty());
}

TEST_F(JournalTest, IsThereAfterReopening) {
  open()->append({edit("a", std::string("zero\0inside", 11))}).value();
  auto journal = open();
  EXPECT_EQ(journal->read("a", 0, 10)->at(0).body, std::string("zero\0inside", 11));
  EXPECT_EQ(*journal->append({edit("a", "next")}), (std::vector<std::uint64_t>{2}));
  EXPECT_TRUE(journal->check().ok());
}

TEST_F(JournalTest, FoldKeepsTheSequenceGoing) {
  auto journal = open();
  for (int i = 1; i <= 10; ++i) journal->append({edit("a", std::to_string(i))}).value();
  ASSERT_TRUE(journal->fold("a", {8, "state 8"}, 2).ok());
  EXPECT_EQ(journal->snapshot("a")->value().sequence, 8u);
  EXPECT_EQ(journal->snapshot("a")->value().body, "state 8");
  EXPECT_EQ(journal->read("a", 0, 100)->front().sequence, 7u);
  ASSERT_TRUE(journal->fold("a", {10, "state 10"}, 0).ok());
  EXPECT_TRUE(journal->read("a", 0, 100)->empty());
  journal.reset();
  journal = open();
  EXPECT_EQ(*journal->append({edit("a", "11")}), (std::vector<std::uint64_t>{11}));
  const auto extent = journal->extent("a");
  EXPECT_EQ(extent->first, 11u);
  EXPECT_EQ(extent->last, 11u);
  EXPECT_EQ(extent->snapshot, 10u);
  EXPECT_EQ(journal->fold("a", {12, "ahead"}, 0).error().kind, ErrorKind::conflict);
  EXPECT_EQ(journal->fold("a", {9, "behind"}, 0).error().kind, ErrorKind::conflict);
  EXPECT_EQ(journal->fold("nobody", {0, ""}, 0).error().kind, ErrorKind::not_found);
  EXPECT_FALSE(journal->snapshot("nobody")->has_value());
  EXPECT_TRUE(journal->check().ok());
}

TEST_F(JournalTest, KeepsValues) {
  auto journal = open();
  ASSERT_TRUE(journal->put("trust/key", "secret").ok());
  ASSERT_TRUE(journal->put_many({{"visitor/1", "a"}, {"visitor/2", ""}, {"visitor0", "not in the prefix"}}).ok());
  ASSERT_TRUE(journal->put("visitor/1", "b").ok());
  EXPECT_EQ(journal->get("trust/key")->value(), "secret");
  EXPECT_FALSE(journal->get("nothing")->has_value());
  const auto visitors = journal->list("visitor/", 10);
  ASSERT_EQ(visitors->size(), 2u);
  EXPECT_EQ(visitors->at(0), (std::pair<std::string, std::string>("visitor/1", "b")));
  EXPECT_EQ(journal->list("", 2)->size(), 2u);
  ASSERT_TRUE(journal->remove("visitor/1").ok());
  ASSERT_TRUE(journal->remove("visitor/1").ok());
  EXPECT_EQ(journal->list("visitor/", 10)->size(), 1u);
}

TEST_F(JournalTest, ABatchIsAllOrNothing) {
  auto journal = open();
  journal->append({edit("a", "1")}).value();
  Batch batch{{edit("a", "2"), edit("a", std::string(limits::kEditBytes + 1, 'x'))}, {{"k", "v"}}, {}};
  const auto result = journal->commit(batch);
  EXPECT_EQ(result.error().kind, ErrorKind::too_large);
  EXPECT_EQ(result.error().field, "a");
  EXPECT_EQ(journal->read("a", 0, 10)->size(), 1u);
  EXPECT_FALSE(journal->get("k")->has_value());
  EXPECT_EQ(journal->append(std::vector<Append>(limits::kJournalBatch + 1, edit("a", ""))).error().kind,
            ErrorKind::too_large);
  EXPECT_EQ(journal->put(std::string(limits::kKeyBytes + 1, 'k'), "").error().kind, ErrorKind::too_large);
  EXPECT_TRUE(journal->append({})->empty());
}

TEST_F(JournalTest, AFullDatabaseSaysSoAndGoesOn) {
  options_.max_bytes = 512 << 10;
  auto journal = open();
  const std::string body(8'000, 'x');
  std::uint64_t last = 0;
  ErrorKind kind = ErrorKind::internal;
  for (int i = 0; i < 1000; ++i) {
    const auto result = journal->append({edit("a", body)});
    if (!result.ok()) {
      kind = result.error().kind;
      break;
    }
    last = result->back();
  }
  EXPECT_EQ(kind, ErrorKind::full);
  EXPECT_GT(last, 40u);
  EXPECT_LE(journal->bytes(), options_.max_bytes);
  EXPECT_EQ(journal->read("a", 0, 1000)->size(), last);
  EXPECT_EQ(journal->put_many({{"big", std::string(60'000, 'y')}}).error().kind, ErrorKind::full);
  // Folding makes place although nothing can be added before it.
  ASSERT_TRUE(journal->fold("a", {last, std::string(50'000, 's')}, 0).ok());
  EXPECT_EQ(journal->append({edit("a", body)})->back(), last + 1);
  EXPECT_TRUE(journal->check().ok());
}

TEST_F(JournalTest, RefusesANewerFileAndLeavesItAlone) {
  open()->append({edit("a", "1")}).value();
  sql("PRAGMA journal_mode = DELETE; PRAGMA user_version = 99");
  const std::string before = bytes();
  EXPECT_EQ(open_error(), ErrorKind::version);
  EXPECT_EQ(bytes(), before);
  options_.read_only = true;
  EXPECT_EQ(open_error(), ErrorKind::version);
}

TEST_F(JournalTest, RefusesWhatIsNotOurs) {
  sql("CREATE TABLE recipe (name TEXT)");
  EXPECT_EQ(open_error(), ErrorKind::damaged);
  std::ofstream(options_.path, std::ios::trunc) << std::string(8'192, 'x');
  EXPECT_EQ(open_error(), ErrorKind::damaged);
  options_.path = (folder_ / "no" / "such" / "folder.db").string();
  EXPECT_EQ(open_error(), ErrorKind::not_found);
  options_.path = (folder_ / "absent.db").string();
  options_.read_only = true;
  EXPECT_EQ(open_error(), ErrorKind::not_found);
}

TEST_F(JournalTest, ATruncatedFileIsDamaged) {
  auto journal = open();
  for (int i = 0; i < 200; ++i) journal->append({edit("a", std::string(4'000, 'x'))}).value();
  journal.reset();
  fs::resize_file(options_.path, fs::file_size(options_.path) / 2);
  EXPECT_EQ(open_error(), ErrorKind::damaged);
}

TEST_F(JournalTest, EveryFlippedByteOfARowIsFound) {
  open()->append({edit("a", "a body that stands out: MARK")}).value();
  sql("PRAGMA wal_checkpoint(TRUNCATE)");
  const std::string good = bytes();
  const auto at = good.find("MARK");
  ASSERT_NE(at, std::string::npos);
  for (std::size_t i = 0; i < 4; ++i) {
    std::string bad = good;
    bad[at + i] ^= 1;
    std::ofstream(options_.path, std::ios::binary | std::ios::trunc) << bad;
    auto journal = open();  // the structure is whole; only the content is wrong
    EXPECT_EQ(journal->check().error().kind, ErrorKind::damaged);
    EXPECT_EQ(journal->read("a", 0, 1).error().text(), "a[1]: stored bytes do not match their checksum");
  }
}

TEST_F(JournalTest, FindsGaps) {
  auto journal = open();
  for (int i = 0; i < 5; ++i) journal->append({edit("a", "x")}).value();
  sql("DELETE FROM entry WHERE sequence = 3");
  EXPECT_EQ(journal->check().error().text(), "a: the stream has a gap");
}

TEST_F(JournalTest, MigratesStepByStepAndKeepsWhatIsThere) {
  auto journal = open();
  journal->append({edit("a", "kept")}).value();
  journal.reset();
  auto database = Database::open(options_.path, SQLITE_OPEN_READWRITE, "");
  ASSERT_TRUE(database.ok());
  std::vector<Migration> steps(migrations().begin(), migrations().end());
  const int now = steps.back().version;
  steps.push_back({now + 1, "ALTER TABLE entry ADD COLUMN author TEXT NOT NULL DEFAULT 'nobody'"});
  steps.push_back({now + 2, "CREATE TABLE extra (x INTEGER); INSERT INTO extra VALUES (7)"});
  ASSERT_TRUE(migrate(*database, steps).ok());
  EXPECT_EQ(*version_of(*database), now + 2);
  EXPECT_EQ(*database->text("SELECT author || ':' || body FROM entry"), "nobody:kept");
  EXPECT_EQ(*database->integer("SELECT x FROM extra"), 7);
  EXPECT_EQ(*database->integer("SELECT count(*) FROM migration"), now + 2);
  ASSERT_TRUE(migrate(*database, steps).ok());  // nothing left to do
  EXPECT_EQ(*database->integer("SELECT count(*) FROM migration"), now + 2);
  EXPECT_EQ(open_error(), ErrorKind::version);  // and today's program sees that it is newer
}

TEST_F(JournalTest, AFailedStepLeavesTheOlderFormatWhole) {
  open()->append({edit("a", "kept")}).value();
  auto database = Database::open(options_.path, SQLITE_OPEN_READWRITE, "");
  std::vector<Migration> steps(migrations().begin(), migrations().end());
  const int now = steps.back().version;
  steps.push_back({now + 1, "DELETE FROM entry; CREATE TABLE stream (x)"});  // the second statement fails
  EXPECT_FALSE(migrate(*database, steps).ok());
  EXPECT_EQ(*version_of(*database), now);
  EXPECT_EQ(open()->read("a", 0, 10)->size(), 1u);
}

TEST_F(JournalTest, CopiesWhileInUse) {
  auto journal = open();
  for (int i = 0; i < 300; ++i) journal->append({edit("a", std::string(1'000, 'x'))}).value();
  const std::string copy = (folder_ / "copy.db").string();
  ASSERT_TRUE(journal->copy_to(copy).ok());
  journal->append({edit("a", "after the copy")}).value();
  EXPECT_EQ(journal->copy_to(copy).error().kind, ErrorKind::conflict);
  EXPECT_FALSE(fs::exists(copy + "-wal"));
  auto other = Journal::open({copy});
  ASSERT_TRUE(other.ok());
  EXPECT_TRUE((*other)->check().ok());
  EXPECT_EQ((*other)->extent("a")->last, 300u);
  EXPECT_FALSE(journal->copy_to((folder_ / "no" / "copy.db").string()).ok());
}

TEST_F(JournalTest, AReaderSeesWhatAWriterCommits) {
  auto writer = open();
  writer->append({edit("a", "1")}).value();
  options_.read_only = true;
  auto reader = open();
  EXPECT_EQ(reader->read("a", 0, 10)->size(), 1u);
  EXPECT_EQ(reader->append({edit("a", "2")}).error().kind, ErrorKind::unavailable);
  writer->append({edit("a", "2")}).value();
  EXPECT_EQ(reader->read("a", 0, 10)->size(), 2u);
}

TEST_F(JournalTest, IsReadableByItsOwnerAlone) {
  auto journal = open();
  journal->append({edit("a", "1")}).value();
  for (const char* suffix : {"", "-wal"}) {
    const auto mode = fs::status(options_.path + suffix).permissions();
    EXPECT_EQ(mode & (fs::perms::group_all | fs::perms::others_all), fs::perms::none) << suffix;
  }
}

}  // namespace
}  // namespace mw::records
