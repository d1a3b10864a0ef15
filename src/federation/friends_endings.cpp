// What ended here, told to the other home until it has heard.
#include <algorithm>
#include <utility>

#include "federation/friends_state.h"

namespace mw::federation {

bool unheard(const Result<Json>& told) {
  if (told.ok()) return false;
  const auto& error = told.error();
  // A name that is not found now may be again; "to" is what the other home itself does not know.
  const bool no_such_host = error.kind == ErrorKind::not_found && error.field != "to";
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::rate_limited || no_such_host;
}

void Friends::State::load_ending(const std::string& account, const Json& json) {
  auto& ending = people[account].endings[json.at("did").get<std::string>()];
  ending.from = json.at("from").get<std::string>();
  ++endings;
}

void Friends::State::add_ending(const Me& me, const std::string& did, records::Batch& batch) {
  auto& waiting = people[me.account].endings;
  const bool kept = waiting.size() < kFriends && endings < kFriendsOfHost;
  const auto [at, fresh] = waiting.try_emplace(did);
  if (fresh) ++endings;
  at->second = {me.did, kept ? 0 : kFriendEndTells - 1, false, 0};
  if (kept)
    batch.puts.emplace_back(friend_key(kFriendEndingKey, me.account, did),
                            data::to_text(Json{{"did", did}, {"from", me.did}}));
}

void Friends::State::drop_ending(const std::string& account, const std::string& did, records::Batch& batch) {
  if (people[account].endings.erase(did) == 0) return;
  --endings;
  batch.removes.push_back(friend_key(kFriendEndingKey, account, did));
}

void Friends::State::tell_ending(Friends& friends, const std::string& account, const std::string& did,
                                 std::int64_t now_ms) {
  auto& waiting = people[account].endings;
  const auto at = waiting.find(did);
  if (at == waiting.end() || at->second.under_way) return;
  auto& ending = at->second;
  ++ending.tells;
  ending.under_way = true;
  ending.again_ms = 0;
  const auto heard = [this, account, did](const Result<Json>& told) {
    auto& left = people[account].endings;
    const auto now = left.find(did);
    if (now == left.end()) return;
    now->second.under_way = false;
    if (unheard(told) && now->second.tells < kFriendEndTells) return;
    records::Batch batch;
    drop_ending(account, did, batch);
    write(std::move(batch), [](const Status&) {});  // where it stays on disk, it is told once more after a restart
  };
  const auto home = home_of_person(did, "did");
  if (!home.ok()) return heard(home.error());
  tell(friends, *home, "friend.end", {{"from", ending.from}, {"to", did}}, now_ms, heard);
}

void Friends::State::tell_endings(Friends& friends, std::int64_t now_ms) {
  std::vector<std::pair<std::string, std::string>> due;  // whoever lives here hears at once, which may change `people`
  for (auto& [account, person] : people) {
    for (auto& [did, ending] : person.endings) {
      if (ending.under_way) continue;
      if (ending.again_ms == 0) {
        const auto pause = kFriendEndPauseMs << std::min(ending.tells, 16);
        ending.again_ms = ending.tells == 0 ? now_ms : now_ms + std::min(pause, kFriendEndPauseMostMs);
      }
      if (ending.again_ms <= now_ms) due.emplace_back(account, did);
    }
  }
  for (const auto& [account, did] : due) tell_ending(friends, account, did, now_ms);
}

}  // namespace mw::federation
