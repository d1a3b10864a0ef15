#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <thread>

#include "platform/process.h"
#include "platform/test_socket.h"
#include "runtime/allocation.h"
#include "runtime/log.h"
#include "runtime/loop.h"
#include "runtime/mailbox.h"
#include "runtime/metrics.h"
#include "runtime/published.h"
#include "runtime/spsc_ring.h"
#include "runtime/token_bucket.h"

MW_COUNT_ALLOCATIONS

namespace mw::runtime {
namespace {

TEST(SpscRing, IsBoundedAndKeepsWhatItRefuses) {
  SpscRing<std::unique_ptr<int>> ring(4);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(ring.push(std::make_unique<int>(i)));
  auto fifth = std::make_unique<int>(5);
  EXPECT_FALSE(ring.push(std::move(fifth)));
  ASSERT_TRUE(fifth) << "what was refused is still the caller's";
  EXPECT_EQ(ring.size(), 4U);
  std::unique_ptr<int> out;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(ring.pop(out));
    EXPECT_EQ(*out, i);
  }
  EXPECT_FALSE(ring.pop(out));
}

TEST(SpscRing, CarriesEverythingInOrderBetweenThreads) {
  SpscRing<std::uint64_t> ring(4096);
  constexpr std::uint64_t kMany = 500'000;
  std::thread producer([&] {
    for (std::uint64_t i = 0; i < kMany; ++i)
      while (!ring.push(i)) std::this_thread::yield();
  });
  std::uint64_t wrong = 0;
  const AllocationCount count;
  for (std::uint64_t expected = 0; expected < kMany;) {
    std::uint64_t value = 0;
    if (!ring.pop(value)) {
      std::this_thread::yield();
      continue;
    }
    wrong += value != expected++;
  }
  EXPECT_EQ(count.count(), 0U);
  producer.join();
  EXPECT_EQ(wrong, 0U);
}

TEST(Mailbox, BoundsWakesOnceAndHandsOver) {
  int wakes = 0;
  Mailbox<int> box(3, [&] { ++wakes; });
  EXPECT_TRUE(box.push(1));
  EXPECT_TRUE(box.push(2));
  EXPECT_TRUE(box.push(3));
  EXPECT_FALSE(box.push(4));
  box.push_always(5);
  EXPECT_EQ(wakes, 1);
  std::vector<int> letters;
  box.take(letters);
  EXPECT_EQ(letters, (std::vector<int>{1, 2, 3, 5}));
  EXPECT_TRUE(box.push(6));
  EXPECT_EQ(wakes, 2);
}

TEST(Mailbox, LosesNothingBetweenThreads) {
  Loop loop("receiver");
  std::vector<int> letters;
  std::atomic<int> got{0};
  std::unique_ptr<Mailbox<int>> box;
  auto wake = std::make_unique<platform::Wake>(loop.reactor(), [&] {
    box->take(letters);
    got += static_cast<int>(letters.size());
  });
  box = std::make_unique<Mailbox<int>>(100'000, [&] { wake->notify(); });
  loop.start();
  std::vector<std::thread> senders;
  for (int t = 0; t < 3; ++t)
    senders.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i)
        while (!box->push(i)) std::this_thread::yield();
    });
  for (auto& sender : senders) sender.join();
  for (int i = 0; i < 500 && got < 30'000; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(got, 30'000);
  loop.stop();
  wake.reset();
}

TEST(Published, ShowsTheNewestAndKeepsWhatIsHeld) {
  Published<std::string> page;
  EXPECT_EQ(page.load(), nullptr);
  page.store("0");
  const auto first = page.load();
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    for (int newest = 0; !stop;) {
      const int seen = std::stoi(*page.load());
      EXPECT_GE(seen, newest);
      newest = seen;
    }
  });
  for (int i = 1; i <= 2'000; ++i) page.store(std::to_string(i));
  stop = true;
  reader.join();
  EXPECT_EQ(*first, "0");
  EXPECT_EQ(*page.load(), "2000");
}

TEST(Loop, RunsOnItsThread) {
  Loop loop("worker");
  EXPECT_FALSE(loop.run_and_wait([] {})) << "not started";
  loop.start(0);
  std::thread::id inside;
  bool on_loop = false;
  EXPECT_TRUE(loop.run_and_wait([&] {
    inside = std::this_thread::get_id();
    on_loop = loop.on_loop();
    EXPECT_TRUE(loop.run_and_wait([] {})) << "from within it runs at once";
  }));
  EXPECT_TRUE(on_loop);
  EXPECT_NE(inside, std::this_thread::get_id());
  EXPECT_FALSE(loop.on_loop());
  loop.stop();
  loop.stop();
}

TEST(Loop, StepsBackForOtherThreads) {
  const auto niceness = [](Loop& loop) {
    std::optional<int> own;
    loop.run_and_wait([&] { own = platform::nice_thread(0); });
    return own.value();
  };
  Loop first("first"), second("second");
  first.start();
  second.start(-1, 10);
  EXPECT_EQ(niceness(second), std::min(niceness(first) + 10, 19)) << "from where the program was started";
  EXPECT_EQ(niceness(first), platform::nice_thread(0));
}

TEST(TokenBucket, RefillsContinuouslyUpToTheBurst) {
  TokenBucket bucket(10, 3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.take(1000));
  EXPECT_FALSE(bucket.take(1000));
  EXPECT_FALSE(bucket.take(1099));
  EXPECT_TRUE(bucket.take(1101));
  EXPECT_FALSE(bucket.idle(1200));
  EXPECT_TRUE(bucket.idle(2000));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.take(60'000));
  EXPECT_FALSE(bucket.take(60'000)) << "no more than the burst is saved up";
  EXPECT_FALSE(bucket.take(59'000)) << "time that goes back gives nothing";
}

TEST(Metrics, WritesTheTextFormat) {
  Metrics metrics;
  Counter& sent = metrics.counter("manyworlds_test_sent_total", "Sent.", {{"edge", "0"}});
  sent.add(2);
  EXPECT_EQ(&metrics.counter("manyworlds_test_sent_total", "Sent.", {{"edge", "0"}}), &sent);
  metrics.counter("manyworlds_test_sent_total", "Sent.", {{"edge", "1"}}).add();
  metrics.gauge("manyworlds_test_sessions", "Open.").set(7);
  metrics.histogram("manyworlds_test_tick_seconds", "Tick.", {0.001, 0.01}).observe(0.005);
  const std::string text = metrics.text();
  for (const char* line :
       {"# TYPE manyworlds_test_sent_total counter", "manyworlds_test_sent_total{edge=\"0\"} 2",
        "manyworlds_test_sent_total{edge=\"1\"} 1", "manyworlds_test_sessions 7",
        "manyworlds_test_tick_seconds_bucket{le=\"0.001\"} 0", "manyworlds_test_tick_seconds_bucket{le=\"0.01\"} 1",
        "manyworlds_test_tick_seconds_count 1"})
    EXPECT_NE(text.find(line), std::string::npos) << line;
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Log, WritesOneJsonObjectALineWhateverTheFieldsHold) {
  const platform::TestFolder folder;
  ASSERT_TRUE(start_log({LogLevel::info, folder.file("log"), 1 << 20, 2}));
  log_debug("edge", "not written");
  log_info("edge", "said",
           {{"text", "a\"b\\c\nd\x1b[31m\xff\u2028 \u5e7f\u573a"},
            {"count", 3},
            {"ratio", 0.5},
            {"on", true},
            {"big", std::uint64_t{1} << 63}});
  end_log();
  const std::string text = read(folder.file("log"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  EXPECT_EQ(text.find("not written"), std::string::npos);
  EXPECT_EQ(text.substr(0, 9), "{\"time\":\"");
  EXPECT_NE(text.find(R"("level":"info","area":"edge","message":"said","text":"a\"b\\c\u000ad\u001b[31m\ufffd\u2028 )"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(R"(","count":3,"ratio":0.5,"on":true,"big":9223372036854775808})"), std::string::npos) << text;
}

TEST(Log, StaysWithinItsBound) {
  const platform::TestFolder folder;
  ASSERT_TRUE(start_log({LogLevel::info, folder.file("log"), 20'000, 3}));
  for (int i = 0; i < 2000; ++i) log_info("edge", "a line that takes some room", {{"number", i}});
  end_log();
  std::uintmax_t bytes = 0;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    bytes += entry.file_size();
    ++files;
  }
  EXPECT_EQ(files, 3);
  EXPECT_LE(bytes, 61'000U);
}

TEST(Log, LimitsWhatOutsidersCause) {
  const platform::TestFolder folder;
  ASSERT_TRUE(start_log({LogLevel::info, folder.file("log"), 1 << 20, 2}));
  LogLimit limit(5);
  for (int i = 0; i < 1000; ++i) limit.log(LogLevel::warning, "edge", "refused");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  limit.log(LogLevel::warning, "edge", "refused");
  end_log();
  const std::string text = read(folder.file("log"));
  const auto lines = std::count(text.begin(), text.end(), '\n');
  EXPECT_GE(lines, 6);
  EXPECT_LE(lines, 12);
  EXPECT_NE(text.find("\"suppressed\":99"), std::string::npos) << text;
}

TEST(Log, RefusesAFileThatCannotBeWritten) {
  const auto status = start_log({LogLevel::info, "/proc/none/log", 1000, 2});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().field, "/proc/none/log");
  EXPECT_EQ(*log_level("warning"), LogLevel::warning);
  EXPECT_FALSE(log_level("loud").ok());
}

}  // namespace
}  // namespace mw::runtime
