#include "server/backup.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "records/journal.h"

namespace mw::server {
namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("backup-test-" + std::to_string(::getpid()));
  Folder() {
    fs::remove_all(path);
    fs::create_directories(path / "data");
    fs::create_directories(path / "worlds/plaza");
    std::ofstream(path / "worlds/plaza/world.toml") << "name = \"plaza\"\n";
  }
  ~Folder() { fs::remove_all(path); }
  std::string operator/(const char* name) const { return (path / name).string(); }
};

std::string content(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Backup, OfAnOpenDatabaseComesBack) {
  Folder f;
  auto journal = records::Journal::open({f / "data/manyworlds.db", "", 0, false});
  ASSERT_TRUE(journal.ok());
  ASSERT_TRUE((*journal)->append({{"world/plaza/scene", 1, "{}"}}).ok());
  const auto written = write_backup({f / "data", f / "worlds"}, f / "b.tar.zst");
  ASSERT_TRUE(written.ok()) << written.error().text();
  EXPECT_EQ(written->files, 2u);
  ASSERT_TRUE((*journal)->append({{"world/plaza/scene", 2, "{}"}}).ok());  // it was and stays open
  const auto restored = restore_backup(f / "b.tar.zst", f / "back", false);
  ASSERT_TRUE(restored.ok()) << restored.error().text();
  EXPECT_EQ(content(f / "back/worlds/plaza/world.toml"), "name = \"plaza\"\n");
  auto again = records::Journal::open({f / "back/data/manyworlds.db", "", 0, false});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((*again)->read("world/plaza/scene", 0, 10)->size(), 1u);
  const auto twice = restore_backup(f / "b.tar.zst", f / "back", false);
  ASSERT_FALSE(twice.ok());
  EXPECT_EQ(twice.error().kind, ErrorKind::conflict);
  again->reset();
  EXPECT_TRUE(restore_backup(f / "b.tar.zst", f / "back", true).ok());
}

TEST(Backup, HasTheFiguresThatPeopleBrought) {
  Folder f;
  {
    auto journal = records::Journal::open({f / "data/manyworlds.db", "", 0, false});
    ASSERT_TRUE(journal.ok());
  }
  fs::create_directories(f.path / "data/avatars");
  std::ofstream(f.path / "data/avatars/aa.glb") << "a figure";
  ASSERT_TRUE(write_backup({f / "data", ""}, f / "b").ok());
  EXPECT_FALSE(fs::exists(f.path / "b.avatars"));
  ASSERT_TRUE(restore_backup(f / "b", f / "back", false).ok());
  EXPECT_EQ(content(f / "back/data/avatars/aa.glb"), "a figure");
}

TEST(Backup, DamageIsFoundBeforeAnythingIsWritten) {
  Folder f;
  {
    auto journal = records::Journal::open({f / "data/manyworlds.db", "", 0, false});
    ASSERT_TRUE(journal.ok());
  }
  ASSERT_TRUE(write_backup({f / "data", f / "worlds"}, f / "b").ok());
  const auto good = content(f / "b");
  for (std::size_t at : {std::size_t{0}, good.size() / 3, good.size() / 2, good.size() - 5}) {
    auto bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x40);
    std::ofstream(f / "bad", std::ios::binary) << bad;
    EXPECT_FALSE(restore_backup(f / "bad", f / "never", false).ok()) << at;
  }
  std::ofstream(f / "bad", std::ios::binary | std::ios::trunc) << good.substr(0, good.size() / 2);
  const auto cut = restore_backup(f / "bad", f / "never", false);
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().kind, ErrorKind::damaged);
  EXPECT_FALSE(fs::exists(f / "never"));
  EXPECT_EQ(restore_backup(f / "missing", f / "never", false).error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace mw::server
