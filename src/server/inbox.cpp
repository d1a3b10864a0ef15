#include "server/inbox.h"

#include "edge/edges.h"
#include "platform/clock.h"

namespace mw::server {
namespace {

constexpr std::size_t kLetters = 65'536;
constexpr std::size_t kClaims = 65'536;  // of one edge loop between two ticks: 20,000 sessions twice over, and more

}  // namespace

Inbox::Inbox(int edges, std::function<void()> wake) : mailbox_(kLetters, std::move(wake)) {
  for (int i = 0; i < edges; ++i) rings_.push_back(std::make_unique<runtime::SpscRing<ArrivedClaim>>(kClaims));
}

void Inbox::session_opened(SessionId session, edge::Peer peer) {
  mailbox_.push_always({Letter::Kind::opened, session, std::move(peer), {}, {}, {}});
}

void Inbox::session_closed(SessionId session, edge::Parting parting) {
  mailbox_.push_always({Letter::Kind::closed, session, {}, {}, {}, {}, parting});
}

void Inbox::call(SessionId session, std::string json) {
  if (mailbox_.push({Letter::Kind::call, session, {}, std::move(json), {}, {}})) return;
  dropped_calls_.fetch_add(1, std::memory_order_relaxed);
  mailbox_.push_always({Letter::Kind::overrun, session, {}, {}, {}, {}});
}

void Inbox::claim(SessionId session, const wire::PoseClaim& claim) {
  auto& ring = *rings_[edge::edge_of(session) % rings_.size()];
  if (!ring.push(ArrivedClaim{session, claim, platform::monotonic_ns()}))
    dropped_claims_.fetch_add(1, std::memory_order_relaxed);
}

// One that finds the mailbox full is dropped: a second later comes another.
void Inbox::link_measured(SessionId session, double bytes_per_s) {
  mailbox_.push({Letter::Kind::link, session, {}, {}, {}, {}, {}, bytes_per_s});
}

void Inbox::http_call(edge::Peer peer, std::string bearer, std::string json,
                      std::function<void(edge::HttpReply)> reply) {
  if (mailbox_.size() < kLetters) {
    mailbox_.push_always(
        {Letter::Kind::http, {}, std::move(peer), std::move(json), std::move(bearer), std::move(reply)});
    return;
  }
  dropped_calls_.fetch_add(1, std::memory_order_relaxed);
  reply({503, "application/json", R"({"error":"the host has too much to do; try again soon"})"});
}

}  // namespace mw::server
