// PRIMITIVE track: the fan-out of one edge loop. Tracks, who subscribes, and how far each subscriber got. Sans I/O: whoever owns
// the connections is the Sink.
//
// Latest tracks keep the current group's keyframe and its newest delta, nothing else. A subscriber is a cursor: which group's
// keyframe it was sent, and up to which frame. Whoever still has unsent bytes is passed over, and the cursor lags; when the
// socket drains, it gets the keyframe, if that is a newer one, and then the newest delta. So a subscriber only ever gets what
// it can decode, the newest of it, and age never builds up.
// Ordered tracks keep a ring of what the slowest subscriber has not got yet (limits::kOrderedBacklogFrames and ...Bytes). Whoever
// falls off its end is cut off, and resumes from a snapshot.
// Source: DESIGN.md, "Three primitives"; object model of draft-ietf-moq-transport (groups, priorities).
//
// Thread: its loop's. publish, fan_out and drained allocate nothing, take no lock and throw nothing once the vectors have their size
// (hot/fan_out.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "tracks/frame.h"
#include "tracks/outlet.h"

namespace mw::tracks {

class Hub {
 public:
  using Subscriber = std::uint32_t;  // a small number, reused: the slot of a connection

  // Both are called from within publish, fan_out, subscribe and drained, and must not call the hub back.
  class Sink {
   public:
    // Takes the whole frame (sends it, or sends a part and keeps the rest) and returns true. Or, when bytes of before are still
    // unsent, or the socket takes none, takes nothing and returns false; then drained() must follow once the socket has room.
    virtual bool offer(Subscriber subscriber, const FrameRef& frame) noexcept = 0;
    // An ordered track went on without this subscriber: it gets nothing more, and is to be closed as too slow.
    virtual void cut_off(Subscriber subscriber, TrackId track) noexcept = 0;

   protected:
    ~Sink() = default;
  };

  struct Stats {
    std::uint64_t published = 0;  // frames
    std::uint64_t sent = 0;  // frames times subscribers
    std::uint64_t bytes = 0;  // of those
    std::uint64_t passed_over = 0;  // a latest frame was due, and the subscriber's socket was busy
    std::uint64_t cut_off = 0;
    std::uint64_t stale = 0;  // published frames that belong to no current group
  };

  explicit Hub(Sink& sink) : sink_(sink) {}
  ~Hub();

  void open(TrackId track, TrackKind kind);  // opening an open track is a mistake of ours
  void close(TrackId track);  // and its subscriptions; unknown tracks are ignored

  // Takes a frame in; frames of unknown tracks are dropped (closed meanwhile). Ordered frames go out at once; for latest tracks
  // fan_out must follow, which sends what is newest by then.
  void publish(const FrameRef& frame);
  // Brings at most `budget` subscribers of latest tracks up to date, in turn, and says whether more are due. The caller reads from
  // its sockets between two slices: so sending never starves reading, and where the processor does not keep up, everybody's
  // rate falls alike, because a newer frame takes an older one's place for all who are still due.
  bool fan_out(std::size_t budget);

  // False: no such track, subscribed already, or limits::kSubscriptionsPerSession reached. A latest track starts with what is
  // current; an ordered one with the next frame published.
  bool subscribe(Subscriber subscriber, TrackId track);
  void unsubscribe(Subscriber subscriber, TrackId track);
  void leave(Subscriber subscriber);  // ends all its subscriptions
  void drained(Subscriber subscriber);  // its socket takes bytes again: ordered tracks first, then latest ones in turn

  const Stats& stats() const { return stats_; }
  std::size_t tracks() const { return tracks_.size(); }
  std::size_t subscriptions(TrackId track) const;
  std::size_t backlog_bytes(TrackId track) const;  // held for slow subscribers of an ordered track

 private:
  struct Cursor {
    Subscriber subscriber = 0;
    std::uint32_t group = 0;  // latest: whose keyframe was sent, 0 none; ordered: kCutOff, once that happened
    std::uint64_t position = 0;  // latest: sequence after the last one sent; ordered: index of the next frame
  };
  struct Track {
    TrackId id;
    TrackKind kind{};
    std::vector<Cursor> cursors;
    FrameRef keyframe, newest;  // latest
    std::size_t next = 0, due = 0;  // latest: so many cursors from `next` on, in a circle, are to be looked at
    std::vector<FrameRef> ring;  // ordered: frame i stands at i modulo its size
    std::uint64_t begin = 0, end = 0;
    std::size_t ring_bytes = 0;
  };
  struct Subscription {
    Track* track = nullptr;
    std::uint32_t cursor = 0;  // index in the track's cursors
  };
  struct Subscriptions {
    std::vector<Subscription> list;
    std::uint32_t turn = 0;  // which latest track is served first when the socket drains
  };

  Track* find(TrackId track) const;
  void publish_latest(Track& track, const FrameRef& frame);
  void serve_next(Track& track) noexcept;
  void publish_ordered(Track& track, const FrameRef& frame);
  bool serve_latest(const Track& track, Cursor& cursor) noexcept;
  bool serve_ordered(const Track& track, Cursor& cursor) noexcept;
  bool give(Subscriber subscriber, const FrameRef& frame) noexcept;
  void drop_oldest(Track& track) noexcept;
  void remove_cursor(Track& track, std::uint32_t index);
  void forget(Subscriber subscriber, const Track& track);

  static constexpr std::uint32_t kCutOff = 0xffffffff;

  Sink& sink_;
  std::unordered_map<TrackId, std::unique_ptr<Track>> tracks_;
  std::vector<Subscriptions> subscribers_;  // by Subscriber
  std::vector<Track*> due_;  // latest tracks with subscribers to look at
  Stats stats_;
};

}  // namespace mw::tracks
