#include "world/event_track.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "wire/frame.h"

namespace mw::world {
namespace {

// All events of these frames, in order; each frame is one that goes into a message.
Json events_of(const std::vector<tracks::FrameRef>& frames) {
  Json events = Json::array();
  for (const auto& frame : frames) {
    EXPECT_LE(frame->payload().size(), limits::kDownstreamFrameBytes);
    EXPECT_TRUE(frame->info().keyframe);
    ByteView rest = frame->payload();
    const auto view = wire::read_frame(rest);
    EXPECT_TRUE(view.ok());
    for (auto& event : Json::parse(as_text(view->payload))) events.push_back(std::move(event));
  }
  return events;
}

TEST(EventTrack, ASnapshotOfAnySizeIsSaidInFrames) {
  tracks::FramePool pool;
  EventTrack track(TrackId{3}, pool);
  const auto follow = [](const Json& item) { return Json{{"type", "joined"}, {"person", item}}; };
  for (const int people : {0, 1, 50, 30'000}) {
    Json items = Json::array();
    for (int i = 0; i < people; ++i) items.push_back({{"entity", i}, {"name", std::string(100, 'x')}});
    const auto frames = track.snapshot({{"type", "snapshot"}}, {"people", items, follow});
    const Json events = events_of(frames);
    EXPECT_EQ(frames.size() > 1, people > 10'000);
    EXPECT_EQ(events[0]["type"], "snapshot");
    Json told = events[0]["people"];
    for (std::size_t i = 1; i < events.size(); ++i) {
      EXPECT_EQ(events[i]["type"], "joined");
      told.push_back(events[i]["person"]);
    }
    EXPECT_EQ(told, items);
  }
}

// What happens after a snapshot is numbered after it, however many frames it took.
TEST(EventTrack, ASnapshotTakesNoNumber) {
  tracks::FramePool pool;
  EventTrack track(TrackId{3}, pool);
  Json items = Json::array();
  for (int i = 0; i < 20'000; ++i) items.push_back(std::string(50, 'y'));
  const auto frames = track.snapshot({{"type", "snapshot"}}, {"list", items, [](const Json& item) { return item; }});
  EXPECT_GT(frames.size(), 3u);
  for (const auto& frame : frames) EXPECT_EQ(frame->info().sequence, 0u);
  EXPECT_FALSE(track.pending());
}

}  // namespace
}  // namespace mw::world
