#include "platform/tcp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "platform/clock.h"
#include "platform/process.h"
#include "platform/test_socket.h"

namespace mw::platform {
namespace {

// Sends back what it gets, in order, keeping what the socket does not take.
class Echo final : public Stream::Events {
 public:
  explicit Echo(Stream stream) : stream_(std::move(stream)) { stream_.open(*this); }
  void received(std::span<Byte> bytes) override {
    unsent_.insert(unsent_.end(), bytes.begin(), bytes.end());
    send();
  }
  void writable() override { send(); }
  void ended() override { gone = true; }
  void send() {
    const std::size_t taken = stream_.write(unsent_);
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(taken));
    if (unsent_.size() > 200'000)
      stream_.pause();
    else
      stream_.resume();
  }
  Stream& stream() { return stream_; }
  bool gone = false;

 private:
  Stream stream_;
  Bytes unsent_;
};

class TcpTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    std::shared_ptr<TlsServer> tls;
    if (GetParam()) {
      make_test_certificate(folder_.file("c.pem"), folder_.file("k.pem"));
      auto loaded = TlsServer::load(folder_.file("c.pem"), folder_.file("k.pem"));
      ASSERT_TRUE(loaded) << loaded.error().text();
      tls = *loaded;
    }
    auto listener = Listener::open(reactor_, "127.0.0.1", 0, false, tls);
    ASSERT_TRUE(listener) << listener.error().text();
    listener_ = std::move(*listener);
    listener_->start([this](Stream stream) {
      EXPECT_EQ(stream.peer().address, "127.0.0.1");
      EXPECT_TRUE(stream.peer().loopback);
      echoes_.push_back(std::make_unique<Echo>(std::move(stream)));
    });
    thread_ = std::thread([this] { reactor_.run(); });
  }
  void TearDown() override {
    reactor_.post([this] {
      echoes_.clear();
      listener_.reset();
      reactor_.stop();
    });
    thread_.join();
  }
  TestSocket connect(int receive_bytes = 0) { return TestSocket(listener_->port(), GetParam(), receive_bytes); }

  TestFolder folder_;
  Reactor reactor_;
  std::unique_ptr<Listener> listener_;
  std::vector<std::unique_ptr<Echo>> echoes_;
  std::thread thread_;
};

TEST_P(TcpTest, CarriesSmallAndLargeInOrder) {
  TestSocket client = connect();
  ASSERT_TRUE(client.connected());
  ASSERT_TRUE(client.send("hello"));
  EXPECT_EQ(client.receive(), "hello");
  std::string large(3'000'000, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31 + i / 977);
  std::string back;
  // One thread: TLS objects are not for two. Pieces keep both directions moving.
  for (std::size_t at = 0; at < large.size(); at += 50'000) {
    ASSERT_TRUE(client.send(std::string_view(large).substr(at, 50'000)));
    while (back.size() + 500'000 < at) back += client.receive();
  }
  while (back.size() < large.size()) {
    const std::string piece = client.receive();
    ASSERT_FALSE(piece.empty());
    back += piece;
  }
  EXPECT_TRUE(back == large);
}

TEST_P(TcpTest, AWriterLearnsThatTheSocketIsFull) {
  TestSocket client = connect(4096);
  std::atomic<std::size_t> taken{0};
  ASSERT_TRUE(client.send("x"));
  EXPECT_EQ(client.receive(), "x");
  reactor_.post([&] {
    const Bytes piece(100'000, 'y');
    std::size_t all = 0;
    while (true) {
      const std::size_t now = echoes_.back()->stream().write(piece);
      all += now;
      if (now == 0) break;
    }
    taken = all;
  });
  while (taken == 0) std::this_thread::yield();
  EXPECT_LT(taken, 20'000'000U);
  std::size_t got = 0;
  while (got < taken) {
    const std::string piece = client.receive();
    ASSERT_FALSE(piece.empty());
    got += piece.size();
  }
  EXPECT_EQ(got, taken);
}

TEST_P(TcpTest, TellsTheEndOnceAndSurvivesIt) {
  for (int i = 0; i < 20; ++i) {
    TestSocket client = connect();
    client.send("x");
    client.receive();
  }
  std::atomic<int> gone{0};
  const std::int64_t until = monotonic_ns() + 3'000'000'000;
  while (gone < 20 && monotonic_ns() < until) {
    std::atomic<bool> counted{false};
    reactor_.post([&] {
      gone =
          static_cast<int>(std::count_if(echoes_.begin(), echoes_.end(), [](const auto& echo) { return echo->gone; }));
      counted = true;
    });
    while (!counted) std::this_thread::yield();
  }
  EXPECT_EQ(gone, 20);
}

TEST_P(TcpTest, FinishingLeavesTheOtherDirectionOpen) {
  TestSocket client = connect();
  client.send("a");
  EXPECT_EQ(client.receive(), "a");
  reactor_.post([&] { echoes_.back()->stream().finish(); });
  EXPECT_EQ(client.receive(), "");
  EXPECT_FALSE(client.timed_out());
}

INSTANTIATE_TEST_SUITE_P(Both, TcpTest, ::testing::Values(false, true),
                         [](const auto& which) { return which.param ? "Tls" : "Plain"; });

TEST(Tls, RefusesWhatIsNoCertificate) {
  const TestFolder folder;
  make_test_certificate(folder.file("c.pem"), folder.file("k.pem"));
  make_test_certificate(folder.file("other.pem"), folder.file("other-key.pem"));
  EXPECT_EQ(TlsServer::load(folder.file("none.pem"), folder.file("k.pem")).error().field, folder.file("none.pem"));
  EXPECT_EQ(TlsServer::load(folder.file("c.pem"), folder.file("other-key.pem")).error().field,
            folder.file("other-key.pem"));
  EXPECT_EQ(TlsServer::load(folder.file("k.pem"), folder.file("k.pem")).error().field, folder.file("k.pem"));
}

TEST(Tls, ReloadsForNewConnectionsAndKeepsWhatItHasOnAnError) {
  const TestFolder folder;
  make_test_certificate(folder.file("c.pem"), folder.file("k.pem"));
  auto tls = TlsServer::load(folder.file("c.pem"), folder.file("k.pem"));
  ASSERT_TRUE(tls) << tls.error().text();
  Reactor reactor;
  auto listener = Listener::open(reactor, "127.0.0.1", 0, false, *tls);
  ASSERT_TRUE(listener) << listener.error().text();
  std::vector<std::unique_ptr<Echo>> echoes;
  (*listener)->start([&](Stream stream) { echoes.push_back(std::make_unique<Echo>(std::move(stream))); });
  std::thread thread([&] { reactor.run(); });
  const auto shown = [&] { return TestSocket((*listener)->port(), true).certificate(); };
  const std::string first = shown();
  TestSocket kept((*listener)->port(), true);
  make_test_certificate(folder.file("c2.pem"), folder.file("k2.pem"));
  EXPECT_FALSE((*tls)->reload(folder.file("c2.pem"), folder.file("k.pem")).ok());
  EXPECT_EQ(shown(), first);
  ASSERT_TRUE((*tls)->reload(folder.file("c2.pem"), folder.file("k2.pem")).ok());
  EXPECT_NE(shown(), first);
  kept.send("still here");
  EXPECT_EQ(kept.receive(), "still here");
  reactor.post([&] {
    echoes.clear();
    listener->reset();
    reactor.stop();
  });
  thread.join();
}

TEST(Listener, RefusesATakenPortAndABadAddress) {
  Reactor reactor;
  auto first = Listener::open(reactor, "127.0.0.1", 0, false, nullptr);
  ASSERT_TRUE(first);
  const auto second = Listener::open(reactor, "127.0.0.1", (*first)->port(), false, nullptr);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(second.error().field, "port");
  EXPECT_EQ(Listener::open(reactor, "example.org", 0, false, nullptr).error().field, "listen");
}

TEST(Listener, SharesAPort) {
  Reactor reactor;
  auto first = Listener::open(reactor, "127.0.0.1", 0, true, nullptr);
  ASSERT_TRUE(first);
  EXPECT_TRUE(Listener::open(reactor, "127.0.0.1", (*first)->port(), true, nullptr).ok());
}

TEST(Network, ContainsAddresses) {
  const auto in = [](std::string_view network, std::string_view address) {
    const auto parsed = Network::parse(network);
    EXPECT_TRUE(parsed) << network;
    return parsed && parsed->contains(address);
  };
  EXPECT_TRUE(in("10.0.0.0/8", "10.255.1.2"));
  EXPECT_FALSE(in("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(in("10.1.2.128/25", "10.1.2.255"));
  EXPECT_FALSE(in("10.1.2.128/25", "10.1.2.127"));
  EXPECT_TRUE(in("127.0.0.1", "127.0.0.1"));
  EXPECT_TRUE(in("127.0.0.1", "::ffff:127.0.0.1"));
  EXPECT_FALSE(in("127.0.0.1", "127.0.0.2"));
  EXPECT_TRUE(in("2001:db8::/32", "2001:db8:1::5"));
  EXPECT_FALSE(in("2001:db8::/32", "2001:db9::"));
  EXPECT_TRUE(in("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(in("0.0.0.0/0", "2001:db8::1"));
  EXPECT_FALSE(in("::/0", "no address"));
  for (const char* bad : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "::/129", "host/8", "10.0.0/8"})
    EXPECT_FALSE(Network::parse(bad).ok()) << bad;
  EXPECT_EQ(*canonical_address("::FFFF:1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(*canonical_address("[2001:DB8:0:0::1]"), "2001:db8::1");
}

TEST(Reactor, RunsPostsTimersAndWakes) {
  Reactor reactor;
  std::vector<int> order;
  std::atomic<int> wakes{0};
  Timer timer(reactor, [&] {
    order.push_back(3);
    reactor.stop();
  });
  Timer never(reactor, [&] { order.push_back(99); });
  Wake wake(reactor, [&] { ++wakes; });
  timer.after(std::chrono::milliseconds(30));
  never.after(std::chrono::milliseconds(1));
  never.cancel();
  reactor.post([&] { order.push_back(1); });
  reactor.post([&] { order.push_back(2); });
  wake.notify();
  wake.notify();
  reactor.run();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(wakes, 1);
}

TEST(Reactor, WakeLosesNothing) {
  Reactor reactor;
  std::atomic<std::uint64_t> written{0};
  std::uint64_t seen = 0;
  constexpr std::uint64_t kMany = 200'000;
  Wake wake(reactor, [&] {
    seen = written.load(std::memory_order_relaxed);
    if (seen == kMany) reactor.stop();
  });
  std::thread notifier([&] {
    for (std::uint64_t i = 1; i <= kMany; ++i) {
      written.store(i, std::memory_order_relaxed);
      wake.notify();
    }
  });
  reactor.run();
  notifier.join();
  EXPECT_EQ(seen, kMany);
}

}  // namespace
}  // namespace mw::platform
