// The way from the edges to the control loop: claims by one ring for each edge loop, everything else by a mailbox.
// Overflow: a claim that finds its ring full is dropped and counted (a newer one follows); a call that finds the mailbox full
// is answered 503 over HTTP, and over a WebSocket closes its session, since an answer would need the same mailbox.
// Thread: edge::Control's methods on the edge loops, take_* on the control loop.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "edge/control.h"
#include "runtime/mailbox.h"
#include "runtime/spsc_ring.h"
#include "wire/claim.h"

namespace mw::server {

struct Letter {
  enum class Kind : std::uint8_t { opened, closed, call, http, overrun, link } kind = Kind::call;
  SessionId session;
  edge::Peer peer;
  std::string text, bearer;
  std::function<void(edge::HttpReply)> reply;
  edge::Parting parting{};
  double bytes_per_s = 0;
};

struct ArrivedClaim {
  SessionId session;
  wire::PoseClaim claim;
  std::int64_t arrived_ns = 0;  // monotonic
};

class Inbox final : public edge::Control {
 public:
  // `wake` is called on edge loops when the mailbox stops being empty.
  Inbox(int edges, std::function<void()> wake);

  void session_opened(SessionId session, edge::Peer peer) override;
  void session_closed(SessionId session, edge::Parting parting) override;
  void call(SessionId session, std::string json) override;
  void claim(SessionId session, const wire::PoseClaim& claim) override;
  void link_measured(SessionId session, double bytes_per_s) override;
  void http_call(edge::Peer peer, std::string bearer, std::string json,
                 std::function<void(edge::HttpReply)> reply) override;

  void take(std::vector<Letter>& letters) { mailbox_.take(letters); }
  // Calls `visit` for each claim, oldest first within an edge; at most as many as there were room for.
  template <class Visit>
  void take_claims(Visit&& visit) {
    ArrivedClaim claim;
    for (auto& ring : rings_)
      for (std::size_t left = ring->capacity(); left > 0 && ring->pop(claim); --left) visit(claim);
  }
  std::uint64_t dropped_claims() const { return dropped_claims_.load(std::memory_order_relaxed); }
  std::uint64_t dropped_calls() const { return dropped_calls_.load(std::memory_order_relaxed); }

 private:
  runtime::Mailbox<Letter> mailbox_;
  std::vector<std::unique_ptr<runtime::SpscRing<ArrivedClaim>>> rings_;
  std::atomic<std::uint64_t> dropped_claims_{0}, dropped_calls_{0};
};

}  // namespace mw::server
