// What the control side (worlds, calls) asks of the edges (connections). The native implementation posts to the edge
// loops; the simulation delivers into its virtual network. Every method returns at once and never fails: a session that
// is gone is no error, and one that cannot keep up is closed by its edge.
// Thread: called on the control loop only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "tracks/choice.h"
#include "tracks/frame.h"

namespace mw::tracks {

// Close codes of RFC 6455, 7.4.2 (4000-4999 are ours); schema/http.md lists them for clients.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,  // the host drains or stops
  protocol_error = 1002,  // not WebSocket as RFC 6455 has it
  bad_message = 1007,  // not UTF-8, or not a frame
  policy = 1008,  // flooding, a wrong origin
  too_big = 1009,
  too_slow = 4001,  // an ordered track or the replies outgrew their bound
  replaced = 4002,  // the same visitor came in by another connection
  removed = 4003,  // an operator removed the visitor
  protocol_version = 4004,  // neither side can speak the other's version
};

class Outlet {
 public:
  virtual ~Outlet() = default;

  // A track exists from open to close; frames of a track that is not open are a mistake of ours.
  virtual void open_track(TrackId track, TrackKind kind) = 0;
  virtual void close_track(TrackId track) = 0;

  // Every subscriber of frame.info().track gets it, by the rules of its kind. Ordered frames go at once, latest ones with the next
  // flush. `rekey`: another encoding of a keyframe, for those who hold the keyframe of the group before; both decode to the same.
  virtual void publish(FrameRef frame, FrameRef rekey = {}) = 0;
  // What was published on latest tracks, and what was chosen, goes out now: once a tick, so that each viewer gets one message.
  virtual void flush() = 0;

  // From here on the session gets the track. Latest tracks start with the current group's keyframe and newest frame.
  // For ordered tracks `first` (a snapshot frame, may be empty) is sent first, then every frame published afterwards.
  virtual void subscribe(SessionId session, TrackId track, FrameRef first) = 0;
  virtual void unsubscribe(SessionId session, TrackId track) = 0;
  // From the next flush on the session gets, under its subscription to the latest track `base` and until that ends, exactly the
  // tracks of the choice instead: new ones start with their keyframe and newest frame, dropped ones end with a pose_end
  // (schema/frames.md). Without a subscription to `base` nothing happens.
  virtual void choose(SessionId session, TrackId base, ChoiceRef choice) = 0;

  virtual void send_text(SessionId session, std::string json) = 0;  // a reply or a notification
  virtual void send_frame(SessionId session, FrameRef frame) = 0;  // for this session alone (a correction)
  virtual void close(SessionId session, CloseCode code, std::string_view reason) = 0;
};

}  // namespace mw::tracks
