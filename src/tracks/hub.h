// PRIMITIVE track: the fan-out of one edge loop. Tracks, who subscribes, and how far each subscriber got. Sans I/O: whoever owns
// the connections is the Sink.
//
// Latest tracks keep the current group's keyframe and its newest delta, nothing else. Who subscribes to one is a viewer: it gets
// that track, or, once the host chose, the tracks of its Choice. What a viewer was sent is a State: for each track which
// group's keyframe, and up to which delta. Bringing it up to date is one step from its state to the newest one of its choice: all
// frames that are due, in one message. States are shared, and so are steps: viewers of one choice who are in step with each other
// cost one composition between them, and each of them one send. Whoever still has unsent bytes is passed over and its state stays
// behind, at no cost to anybody; when the socket drains, it steps to what is newest by then. So a viewer only ever gets what it can
// decode, the newest of it, and age never builds up.
// Ordered tracks keep a ring of what the slowest subscriber has not got yet (limits::kOrderedBacklogFrames and ...Bytes). Whoever
// falls off its end is cut off, and resumes from a snapshot.
// Source: DESIGN.md, "Three primitives", "The crowd"; object model of draft-ietf-moq-transport (groups, priorities).
//
// Thread: its loop's. publish, flush, fan_out and drained allocate nothing, take no lock and throw nothing once the vectors have their
// size (hot/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "tracks/choice.h"
#include "tracks/frame.h"
#include "tracks/outlet.h"

namespace mw::tracks {

class Hub {
 public:
  using Subscriber = std::uint32_t;  // a small number, reused: the slot of a connection

  // Both are called from within publish, fan_out, subscribe and drained, and must not call the hub back.
  class Sink {
   public:
    // Takes the whole message (sends it, or sends a part and keeps the rest) and returns true. Or, when bytes of before are still
    // unsent, or the socket takes none, takes nothing and returns false; then drained() must follow once the socket has room.
    virtual bool offer(Subscriber subscriber, const FrameRef& message) noexcept = 0;
    // An ordered track went on without this subscriber: it gets nothing more, and is to be closed as too slow.
    virtual void cut_off(Subscriber subscriber, TrackId track) noexcept = 0;

   protected:
    ~Sink() = default;
  };

  struct Stats {
    std::uint64_t published = 0;  // frames
    std::uint64_t sent = 0;  // frames times subscribers
    std::uint64_t messages = 0;  // that carried them
    std::uint64_t composed = 0;  // of those, put together anew; the others share one
    std::uint64_t bytes = 0;
    std::uint64_t passed_over = 0;  // a round came by, and the viewer's socket was busy
    std::uint64_t cut_off = 0;
    std::uint64_t stale = 0;  // published frames that belong to no current group
  };

  // What lies before the end of a round is bounded: more latest frames than this end it.
  static constexpr std::size_t kPendingFrames = 1u << 14;
  // A message takes no further track once it is so long: while it is being sent, nothing newer can take its place.
  static constexpr std::size_t kMessageBytes = 256u << 10;

  explicit Hub(Sink& sink);
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  void open(TrackId track, TrackKind kind);  // opening an open track is a mistake of ours
  // Ends the subscriptions to it. Who got it by a choice is told with the next flush that it ended. Unknown tracks are ignored.
  void close(TrackId track);

  // Takes a frame in; frames of unknown tracks are dropped (closed meanwhile). Ordered frames go out at once; latest ones wait for
  // flush, so that what belongs to one tick goes in one message. `rekey`: as of Outlet::publish.
  void publish(const FrameRef& frame, const FrameRef& rekey = {});
  void flush();
  // Brings at most `budget` viewers up to date, in turn, and says whether more are due. The caller reads from its sockets between
  // two slices: so sending never starves reading, and where the processor does not keep up, everybody's rate falls alike,
  // because a newer frame takes an older one's place for all who are still due.
  bool fan_out(std::size_t budget);

  // False: no such track, subscribed already, or limits::kSubscriptionsPerSession reached. A latest track starts with what is
  // current; an ordered one with the next frame published.
  bool subscribe(Subscriber subscriber, TrackId track);
  void unsubscribe(Subscriber subscriber, TrackId track);
  // As of Outlet::choose; takes effect with the next flush. False: no subscription to `base`, or it is an ordered track.
  bool choose(Subscriber subscriber, TrackId base, ChoiceRef choice);
  void leave(Subscriber subscriber);  // ends all its subscriptions
  void drained(Subscriber subscriber);  // its socket takes bytes again: ordered tracks first, then latest ones in turn

  const Stats& stats() const { return stats_; }
  std::size_t tracks() const { return tracks_.size(); }
  std::size_t choices() const { return selections_.size(); }  // in use, those of one track included
  std::size_t subscriptions(TrackId track) const;
  std::size_t backlog_bytes(TrackId track) const;  // held for slow subscribers of an ordered track

 private:
  struct Cursor {  // on an ordered track
    Subscriber subscriber = 0;
    bool cut_off = false;
    std::uint64_t position = 0;  // index of the next frame
  };
  // An object is used again for another track after it was closed, and never freed before the hub: who keeps a pointer compares ids.
  struct Track {
    TrackId id;
    TrackKind kind{};
    FrameRef keyframe, rekey, newest;  // latest
    ChoiceRef alone;  // latest: the choice of nothing but this track
    std::size_t viewers = 0;  // latest: subscriptions with this base
    std::vector<Cursor> cursors;  // ordered
    std::vector<FrameRef> ring;  // ordered: frame i stands at i modulo its size
    std::uint64_t begin = 0, end = 0;
    std::size_t ring_bytes = 0;
  };
  struct Mark {  // what was sent of a track: the keyframe of `group` (0: nothing), and its delta `sequence` (0: none)
    TrackId track;
    std::uint32_t group = 0, sequence = 0;
    friend bool operator==(const Mark&, const Mark&) = default;
  };
  struct State {
    std::uint32_t references = 0;
    std::uint64_t serial = 0;  // never the same twice
    std::vector<Mark> marks;  // ascending by track
    // The step from here to the state `step_to`, for those who take it together.
    FrameRef step;
    std::uint64_t step_to = 0;
    std::uint32_t step_frames = 0;
  };
  struct Selection {  // a choice in use
    ChoiceRef choice;
    std::vector<Track*> tracks;  // of the choice, in its order; null where there is none
    State* newest = nullptr;  // its marks stand in the order of the choice
    std::uint64_t checked = 0, layout = 0;  // revision_ and layout_ that it knows
    std::size_t viewers = 0;
  };
  struct Viewer {
    Subscriber subscriber = 0;
    Track* base = nullptr;
    Selection* selection = nullptr;
    State* state = nullptr;
  };
  struct Subscription {
    Track* track = nullptr;
    std::uint32_t index = 0;  // in the track's cursors, or in viewers_
  };
  struct Subscriptions {
    std::vector<Subscription> list;
    std::uint32_t turn = 0;  // which latest track is served first when the socket drains
    bool blocked = false;  // an offer was refused, and drained() has not come yet
  };

  Track* find(TrackId track) const;
  Subscription* find_subscription(Subscriber subscriber, TrackId track);
  void remove_cursor(Track& track, std::uint32_t index);
  void remove_viewer(std::uint32_t index);
  void remove(const Subscription& one);
  Selection* enter(const ChoiceRef& choice);
  void exit(Selection* selection);

  // hot/
  void take_latest(const FrameRef& frame, const FrameRef& rekey);
  void publish_ordered(Track& track, const FrameRef& frame);
  bool serve_ordered(const Track& track, Cursor& cursor) noexcept;
  void drop_oldest(Track& track) noexcept;
  bool give(Subscriber subscriber, const FrameRef& message, std::uint32_t frames) noexcept;
  bool serve(Viewer& viewer) noexcept;
  State* take_step(State& from, Selection& selection);
  void refresh(Selection& selection);
  void resolve(Selection& selection);
  std::size_t gather(const State& from, const Selection& selection);
  void gather(const Mark& before, const Mark& now, const Track* track);
  void gather_end(const Mark& mark);
  FrameRef compose(TrackId track);
  State* partly(const State& from, const State& to, std::size_t done);
  State* fresh_state();
  void release(State* state) noexcept;
  static Mark mark_of(const Track* track, TrackId id);

  struct Pending {
    FrameRef frame, rekey;
  };

  Sink& sink_;
  FramePool pool_;  // of composed messages
  std::unordered_map<TrackId, Track*> tracks_;
  std::vector<std::unique_ptr<Track>> track_store_;
  std::vector<Track*> spare_tracks_;
  std::vector<Subscriptions> subscribers_;  // by Subscriber
  std::vector<Viewer> viewers_;
  std::size_t next_ = 0, due_ = 0;  // so many viewers from `next_` on, in a circle, are to be looked at
  bool chosen_ = false;  // a choice changed since the last flush
  std::vector<Pending> pending_;
  std::unordered_map<const Choice*, std::unique_ptr<Selection>> selections_;
  std::vector<std::unique_ptr<Selection>> spare_selections_;
  std::vector<std::unique_ptr<State>> state_store_;
  std::vector<State*> spare_states_;
  State* nothing_ = nullptr;  // what who comes in has
  std::uint64_t revision_ = 1;  // grows with every change of a latest track
  std::uint64_t layout_ = 1;  // grows when a track opens or closes
  std::uint64_t serial_ = 0;
  std::vector<const FrameRef*> pieces_;  // of the message being put together
  std::vector<ByteView> views_;
  Bytes ends_;
  std::size_t piece_bytes_ = 0;
  std::uint32_t ended_ = 0;
  Stats stats_;
};

}  // namespace mw::tracks
