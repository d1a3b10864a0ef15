#include "tracks/frame.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/limits.h"
#include "runtime/allocation.h"

MW_COUNT_ALLOCATIONS

namespace mw::tracks {
namespace {

TEST(Frame, CarriesAWebSocketHeaderInFrontOfThePayload) {
  FramePool pool;
  struct Case {
    std::size_t size;
    std::vector<Byte> header;  // RFC 6455, 5.2: final, binary, not masked
  };
  const std::vector<Case> cases = {
      {0, {0x82, 0}},
      {125, {0x82, 125}},
      {126, {0x82, 126, 0, 126}},
      {65535, {0x82, 126, 0xff, 0xff}},
      {65536, {0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0}},
      {limits::kDownstreamFrameBytes, {0x82, 127, 0, 0, 0, 0, 0, 16, 0, 0}},
  };
  for (const Case& one : cases) {
    Bytes payload(one.size);
    for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<Byte>(i * 7);
    const FrameRef frame = pool.make({TrackId{3}, 4, 5, true}, payload);
    EXPECT_EQ(frame->info().track, TrackId{3});
    EXPECT_EQ(frame->info().sequence, 5U);
    EXPECT_EQ(Bytes(frame->payload().begin(), frame->payload().end()), payload);
    const ByteView message = frame->message();
    ASSERT_EQ(message.size(), one.size + one.header.size());
    EXPECT_EQ(Bytes(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(one.header.size())), one.header);
    EXPECT_EQ(message.data() + one.header.size(), frame->payload().data());
  }
}

TEST(FramePool, DoesNotAllocateAfterWarmUp) {
  FramePool pool;
  Bytes payload(6000);
  const auto tick = [&](std::size_t size) {
    const FrameRef delta = pool.make({TrackId{1}, 1, 1, false}, ByteView(payload).first(size));
    const FrameRef events = pool.make({TrackId{2}, 0, 1, false}, ByteView(payload).first(size / 20));
  };
  for (std::size_t i = 0; i < 50; ++i) tick(4200 + i * 30);
  const std::size_t made = pool.frames_allocated();
  const runtime::AllocationCount count;
  for (std::size_t i = 0; i < 10'000; ++i) tick(4200 + i % 1500);
  EXPECT_EQ(count.count(), 0U);
  EXPECT_EQ(pool.frames_allocated(), made);
}

TEST(FramePool, KeepsABoundOnWhatLiesUnused) {
  FramePool pool;
  const Bytes payload(60'000);
  {
    std::vector<FrameRef> many;
    for (int i = 0; i < 1000; ++i) many.push_back(pool.make({}, payload));
  }
  pool.make({}, payload);  // sorts what came back
  const std::size_t made = pool.frames_allocated();
  std::vector<FrameRef> again;
  for (int i = 0; i < 1000; ++i) again.push_back(pool.make({}, payload));
  EXPECT_GE(pool.frames_allocated() - made, 1000 - FramePool::kFreeBytesPerClass / (64u << 10) - 1);
}

TEST(FramePool, TakesFramesBackFromOtherThreads) {
  FramePool pool;
  const Bytes payload(1000, 9);
  for (int round = 0; round < 200; ++round) {
    std::vector<FrameRef> frames;
    for (int i = 0; i < 20; ++i)
      frames.push_back(pool.make({TrackId{1}, 1, static_cast<std::uint32_t>(i), false}, payload));
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
      threads.emplace_back([copy = frames] {
        for (const FrameRef& frame : copy) EXPECT_EQ(frame->payload()[999], 9);
      });
    frames.clear();
    for (auto& thread : threads) thread.join();
  }
  EXPECT_LE(pool.frames_allocated(), 200U);
}

}  // namespace
}  // namespace mw::tracks
