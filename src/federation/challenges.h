// What was asked for and is not yet answered. Each challenge is 32 random bytes, answered once, by the session that asked, within
// limits::kChallengeMs. In memory alone: a restart ends them.
// Bound: limits::kChallengesPerSession, over which the session's oldest goes, for each of limits::kSessionsPerHost sessions, so that
// nobody can keep others from logging in by asking.
// Thread: one.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/result.h"
#include "crypto/crypto.h"

namespace mw::federation {

template <typename Asked>
class Challenges {
 public:
  // The challenge, base64url. `entropy` is 32 random bytes.
  std::string add(SessionId session, const std::array<Byte, 32>& entropy, Asked asked, std::int64_t now_ms) {
    auto& open = sessions_[session];
    while (!open.empty() && (open.front().until_ms <= now_ms || open.size() >= limits::kChallengesPerSession))
      open.pop_front();
    open.push_back({crypto::base64url(entropy), now_ms + limits::kChallengeMs, std::move(asked)});
    return open.back().challenge;
  }
  // What was asked by it, which is forgotten. Error `forbidden`: not asked in this session, answered before, too late.
  Result<Asked> take(SessionId session, std::string_view challenge, std::int64_t now_ms) {
    const Error none{ErrorKind::forbidden, "challenge", "was not asked here, was answered before, or is too old"};
    const auto mine = sessions_.find(session);
    if (mine == sessions_.end()) return none;
    auto& open = mine->second;
    const auto at = std::find_if(open.begin(), open.end(), [&](const Open& one) {
      return crypto::same_secret(as_bytes(one.challenge), as_bytes(challenge));
    });
    if (at == open.end() || at->until_ms <= now_ms) return none;
    Asked asked = std::move(at->asked);
    open.erase(at);
    return asked;
  }
  void forget(SessionId session) { sessions_.erase(session); }

 private:
  struct Open {
    std::string challenge;
    std::int64_t until_ms = 0;
    Asked asked;
  };
  std::unordered_map<SessionId, std::deque<Open>> sessions_;  // the oldest first
};

}  // namespace mw::federation
