#include "platform/files.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <set>

#include "platform/entropy.h"
#include "platform/process.h"
#include "platform/test_socket.h"

namespace mw::platform {
namespace {

TEST(Files, WritesReplacesAndReads) {
  const TestFolder folder;
  const std::string path = folder.file("a.toml");
  ASSERT_TRUE(write_file(path, "one", 0600));
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  ASSERT_TRUE(write_file(path, std::string(100'000, 'x')));
  EXPECT_EQ(read_file(path, 100'000).value().size(), 100'000U);
  EXPECT_EQ(read_file(path, 99'999).error().kind, ErrorKind::too_large);
  EXPECT_EQ(read_file(path, 99'999).error().field, path);
  const auto entries = list_folder(folder.path());
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 1U) << "no temporary file is left";
  EXPECT_EQ((*entries)[0].name, "a.toml");
  EXPECT_EQ((*entries)[0].bytes, 100'000U);
  EXPECT_TRUE(remove_file(path));
  EXPECT_TRUE(remove_file(path)) << "gone already is fine";
  EXPECT_EQ(read_file(path, 10).error().kind, ErrorKind::not_found);
}

TEST(Files, RefusesFoldersPipesAndMissingParents) {
  const TestFolder folder;
  EXPECT_EQ(read_file(folder.path(), 10).error().kind, ErrorKind::forbidden);
  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_file(folder.file("pipe"), 10).error().kind, ErrorKind::forbidden);
  EXPECT_EQ(write_file(folder.file("no/such/file"), "x").error().kind, ErrorKind::not_found);
  EXPECT_EQ(list_folder(folder.file("none")).error().kind, ErrorKind::not_found);
  EXPECT_EQ(read_file("/proc/self/stat", 1 << 20).value().empty(), false)
      << "files that tell no size are read to the end";
}

TEST(Files, MakesFolders) {
  const TestFolder folder;
  EXPECT_TRUE(make_folder(folder.file("a/b/c")));
  EXPECT_TRUE(make_folder(folder.file("a/b/c")));
  EXPECT_TRUE(file_info(folder.file("a/b")).value().folder);
  ASSERT_TRUE(write_file(folder.file("a/file"), ""));
  EXPECT_FALSE(make_folder(folder.file("a/file")));
  EXPECT_FALSE(make_folder(folder.file("a/file/x")));
  EXPECT_GT(free_disk_bytes(folder.path()).value(), 0U);
}

TEST(Files, LocksAFolderForOneProcess) {
  const TestFolder folder;
  auto first = FileLock::take(folder.file("lock"));
  ASSERT_TRUE(first);
  EXPECT_EQ(FileLock::take(folder.file("lock")).error().kind, ErrorKind::conflict);
  {
    const FileLock moved = std::move(*first);
  }
  EXPECT_TRUE(FileLock::take(folder.file("lock")).ok());
}

TEST(Entropy, DoesNotRepeat) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(random_u64()).second);
}

TEST(Process, KnowsItself) {
  EXPECT_GE(cores(), 1);
  EXPECT_GT(resident_bytes(), 1'000'000U);
  EXPECT_GE(open_descriptors(), 3U);
  EXPECT_NE(executable_path().find("test_"), std::string::npos);
  EXPECT_FALSE(host_name().empty());
  EXPECT_GE(raise_descriptor_limit(), 256U);
  EXPECT_FALSE(pin_thread(100'000));
}

TEST(Process, SignalsArriveOnTheReactor) {
  Reactor reactor;
  std::vector<Signals::Kind> got;
  Signals signals(reactor, [&](Signals::Kind kind) {
    got.push_back(kind);
    if (got.size() == 1)
      ::raise(SIGTERM);
    else
      reactor.stop();
  });
  reactor.post([] { ::raise(SIGHUP); });
  reactor.run();
  EXPECT_EQ(got, (std::vector<Signals::Kind>{Signals::Kind::reload, Signals::Kind::stop}));
}

}  // namespace
}  // namespace mw::platform
