// For tests of the hub: frames that say what they are, and sockets with a room that the test gives. The file that includes it includes
// GoogleTest before.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "tracks/hub.h"
#include "wire/frame.h"

namespace mw::tracks {

inline constexpr TrackId kPoses{1}, kFriends{2}, kChat{3}, kCellA{4}, kCellB{5}, kCellC{6};

enum class What : std::uint8_t { keyframe, delta, rekey, end, event };

struct Got {
  TrackId track;
  std::uint32_t group, sequence;
  What what;
  friend bool operator==(const Got&, const Got&) = default;
};

inline Got key(TrackId track, std::uint32_t group) { return {track, group, 0, What::keyframe}; }
inline Got rekey(TrackId track, std::uint32_t group) { return {track, group, 0, What::rekey}; }
inline Got delta(TrackId track, std::uint32_t group, std::uint32_t sequence) {
  return {track, group, sequence, What::delta};
}
inline Got end(TrackId track) { return {track, 0, 0, What::end}; }
inline Got event(std::uint32_t sequence) { return {kChat, 0, sequence, What::event}; }

inline constexpr auto kRekey = static_cast<wire::FrameKind>(6);

// A frame of schema/frames.md, of `size` bytes and a few for its length.
inline FrameRef make(FramePool& pool, const Got& what, std::size_t size) {
  static constexpr wire::FrameKind kKinds[] = {wire::FrameKind::pose_keyframe, wire::FrameKind::pose_delta, kRekey,
                                               wire::FrameKind::pose_end, wire::FrameKind::events};
  const bool opens = what.what == What::keyframe || what.what == What::rekey;
  const wire::FrameHeader header{.kind = kKinds[static_cast<int>(what.what)],
                                 .track = what.track.value,
                                 .group = what.group,
                                 .sequence = what.sequence};
  Bytes bytes;
  wire::append_frame(bytes, header, {});
  const Bytes payload(size > bytes.size() ? size - bytes.size() : 0);
  bytes.clear();
  wire::append_frame(bytes, header, payload);
  return pool.make({what.track, what.group, what.sequence, opens}, bytes);
}

// What a client makes of a message.
inline void read(ByteView rest, std::vector<Got>& got) {
  while (!rest.empty()) {
    const auto frame = wire::read_frame(rest);
    ASSERT_TRUE(frame.ok());
    What what = What::event;
    if (frame->header.kind == kRekey) what = What::rekey;
    switch (frame->header.kind) {
      case wire::FrameKind::pose_keyframe: what = What::keyframe; break;
      case wire::FrameKind::pose_delta: what = What::delta; break;
      case wire::FrameKind::pose_end: what = What::end; break;
      default: break;
    }
    got.push_back({TrackId{frame->header.track}, frame->header.group, frame->header.sequence, what});
  }
}

// Sockets with a room that the test gives: a message that does not fit whole is taken in part, and then the socket is busy.
class Sockets final : public Hub::Sink {
 public:
  struct Socket {
    std::size_t room = static_cast<std::size_t>(-1);
    std::size_t unsent = 0;  // of a message that was begun
    std::size_t messages = 0, offers = 0;
    std::vector<Got> got;
    std::set<std::uint32_t> cut_off_from;
  };
  bool offer(Hub::Subscriber subscriber, const FrameRef& message) noexcept override {
    Socket& socket = all[subscriber];
    ++socket.offers;
    if (socket.unsent != 0 || socket.room == 0) return false;
    const std::size_t size = message->message().size();
    const std::size_t taken = std::min(size, socket.room);
    socket.unsent = size - taken;
    if (socket.room != static_cast<std::size_t>(-1)) socket.room -= taken;
    ++socket.messages;
    read(message->payload(), socket.got);
    return true;
  }
  void cut_off(Hub::Subscriber subscriber, TrackId track) noexcept override {
    all[subscriber].cut_off_from.insert(track.value);
  }

  // The network took `bytes` more.
  void drain(Hub& hub, Hub::Subscriber subscriber, std::size_t bytes) {
    Socket& socket = all[subscriber];
    const std::size_t rest = std::min(bytes, socket.unsent);
    socket.unsent -= rest;
    socket.room = bytes - rest;
    if (socket.unsent == 0 && socket.room > 0) hub.drained(subscriber);
  }
  std::map<Hub::Subscriber, Socket> all;
};

}  // namespace mw::tracks
