// The promises of the hot path on real sockets: no allocation after warm-up in tick and fan-out, and little memory for each visitor.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "edge/connection.h"
#include "edge/edges.h"
#include "edge/test_client.h"
#include "platform/process.h"
#include "runtime/allocation.h"
#include "wire/claim.h"

MW_COUNT_ALLOCATIONS

namespace mw::edge {
namespace {

using tracks::TrackKind;

// Notes how much the edge's thread had allocated whenever a claim comes in.
class CountingControl final : public Control {
 public:
  void session_opened(SessionId session, Peer) override { opened.push(session); }
  void session_closed(SessionId, Parting) override {}
  void call(SessionId, std::string) override {}
  void claim(SessionId, const wire::PoseClaim&) override {
    edge_allocations = runtime::allocations;
    ++claims;
  }
  void link_measured(SessionId, double) override {}
  void http_call(Peer, std::string, std::string, std::function<void(HttpReply)>) override {}

  struct Opened {
    std::mutex mutex;
    std::vector<SessionId> ids;
    void push(SessionId id) {
      const std::lock_guard lock(mutex);
      ids.push_back(id);
    }
    std::vector<SessionId> copy() {
      const std::lock_guard lock(mutex);
      return ids;
    }
  } opened;
  std::atomic<std::uint64_t> edge_allocations{0};
  std::atomic<std::size_t> claims{0};
};

class HotTest : public ::testing::Test {
 protected:
  void open(std::size_t visitors) {
    auto made = Edges::make({}, control_, content_, metrics_);
    ASSERT_TRUE(made) << made.error().text();
    edges_ = std::move(*made);
    edges_->start();
    edges_->open_track(kPoses, TrackKind::latest);
    edges_->open_track(kPeople, TrackKind::ordered);
    for (std::size_t i = 0; i < visitors; ++i) {
      clients_.emplace_back(edges_->port());
      ASSERT_EQ(clients_.back().upgrade().status, 101);
    }
    for (const SessionId id : control_.opened.copy()) {
      edges_->subscribe(id, kPoses, {});
      edges_->subscribe(id, kPeople, {});
    }
  }
  void TearDown() override {
    clients_.clear();
    if (edges_) edges_->stop();
  }
  // One tick: everybody claims, one frame of each track goes to everybody, and everybody reads.
  void tick(std::uint32_t number) {
    const std::size_t before = control_.claims;
    for (TestClient& client : clients_) client.send_binary(claim_);
    while (control_.claims < before + clients_.size()) std::this_thread::yield();
    const runtime::AllocationCount count;
    edges_->set_tick(number, 0);
    edges_->publish(pool_.make({kPoses, number / 20 + 1, number % 20, number % 20 == 0},
                               ByteView(payload_).first(3000 + number % 1000)));
    edges_->flush();
    edges_->publish(pool_.make({kPeople, 0, number, false}, ByteView(payload_).first(50)));
    publish_allocations_ += count.count();
    for (TestClient& client : clients_) {
      client.message();
      client.message();
    }
  }

  static constexpr TrackId kPoses{1}, kPeople{2};
  tracks::FramePool pool_;
  CountingControl control_;
  TestContent content_;
  runtime::Metrics metrics_;
  std::unique_ptr<Edges> edges_;
  std::vector<TestClient> clients_;
  const Bytes payload_ = Bytes(4000);
  const std::string claim_ = std::string(as_text(wire::encode(wire::PoseClaim{})));
  std::uint64_t publish_allocations_ = 0;
};

TEST_F(HotTest, TickAndFanOutDoNotAllocate) {
  open(40);
  std::uint32_t number = 0;
  while (number < 25) tick(number++);
  publish_allocations_ = 0;
  const std::uint64_t before = control_.edge_allocations;
  while (number < 45) {  // less than a second: the edge publishes its counts once a second, off the path
    tick(number++);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(before > 0, runtime::kCountsAllocations) << "counting works";
  EXPECT_EQ(publish_allocations_, 0U) << "the control loop's side";
  EXPECT_EQ(control_.edge_allocations - before, 0U) << "the edge's side: 800 claims read, 1,600 frames sent";
}

TEST_F(HotTest, AVisitorTakesLittleMemory) {
  open(1);
  tick(0);
  constexpr std::size_t kVisitors = 1500;
  platform::raise_descriptor_limit();
  std::vector<platform::TestSocket> sockets;
  sockets.reserve(2 * kVisitors);
  const std::string request =
      "GET /connect HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  const auto connect_and_subscribe = [&] {
    const std::size_t first = sockets.size();
    for (std::size_t i = 0; i < kVisitors; ++i) {
      sockets.emplace_back(edges_->port());
      sockets.back().send(request);
      if (sockets.back().receive().empty()) return false;
    }
    for (const SessionId id : control_.opened.copy()) {
      edges_->subscribe(id, kPoses, {});
      edges_->subscribe(id, kPeople, {});
    }
    return std::all_of(sockets.begin() + static_cast<std::ptrdiff_t>(first), sockets.end(),
                       [](auto& socket) { return !socket.receive().empty(); });  // the keyframe
  };
  ASSERT_TRUE(
      connect_and_subscribe());  // these take what earlier tests left in the heap, which the resident set holds already
  const std::uint64_t before = platform::resident_bytes();
  ASSERT_TRUE(connect_and_subscribe());
  const std::uint64_t each = (platform::resident_bytes() - before) / kVisitors;
  std::printf("memory of a connected visitor: %llu bytes\n", static_cast<unsigned long long>(each));
  RecordProperty("bytes_per_visitor", std::to_string(each));
  EXPECT_GT(each, sizeof(Connection));
  static_assert((8u << 10) <= limits::kConnectionBytes);
  EXPECT_LE(each, runtime::kCountsAllocations ? 8u << 10 : 4 * limits::kConnectionBytes)
      << "sanitizers keep freed memory";
}

}  // namespace
}  // namespace mw::edge
