// By introduction: whom the hosts that the operator trusts vouch for. Their lists are asked for by the names that the operator gave,
// never by one that a visitor brings.
#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/limits.h"
#include "federation/travel_state.h"
#include "trust/introduction.h"

namespace mw::federation {

bool Travel::State::vouched(std::string_view home) const {
  return std::ranges::any_of(introductions, [&](const auto& one) {
    const auto& kept = one.second;
    return kept.until_ms > seen_ms && std::ranges::find(kept.hosts, home) != kept.hosts.end();
  });
}

bool Travel::State::all_known() const {
  return std::ranges::all_of(setup.rules.hosts, [&](const auto& host) {
    const auto kept = introductions.find(host);
    return kept != introductions.end() && kept->second.until_ms > seen_ms;
  });
}

void Travel::State::ask_introducer(const std::string& host, std::int64_t now_ms, const std::function<void()>& then) {
  introductions[host].asked_ms = now_ms;
  const auto name = trust::did_web(host);
  if (!name.ok()) return then();
  with_document(*name, now_ms, [this, host, now_ms, then, name = *name](Result<trust::DidDocument> document) {
    if (!document.ok()) return then();
    setup.fetch(trust::parse_web_did(name)->url(trust::kIntroductionsFile), trust::kIntroductionsBytes,
                [this, host, now_ms, then, document = *std::move(document)](const Result<std::string>& body) {
                  // Who does not answer, or answers what does not count, is believed for what was heard last, until that is over.
                  const auto json = body.ok() ? data::parse_json(*body) : Result<Json>(body.error());
                  if (json.ok())
                    if (auto read = trust::read_introductions(*json, document, now_ms); read.ok()) {
                      auto& kept = introductions[host];
                      kept.hosts = std::move(read->hosts);
                      kept.until_ms = read->until_ms;
                    }
                  then();
                });
  });
}

void Travel::State::with_introductions(std::int64_t now_ms, std::function<void()> done) {
  if (asking > 0) return asked_for.push_back(std::move(done));
  std::vector<std::string> due;
  for (const auto& host : setup.rules.hosts) {
    const auto kept = introductions.find(host);
    if (kept == introductions.end() || now_ms - kept->second.asked_ms >= limits::kTravelDocumentMs) due.push_back(host);
  }
  if (due.empty()) return done();
  asked_for.push_back(std::move(done));
  asking = due.size();
  for (const auto& host : due)
    ask_introducer(host, now_ms, [this] {
      if (--asking > 0) return;
      for (const auto& waits : std::exchange(asked_for, {})) waits();
    });
}

void Travel::State::with_admission(const Travel& travel, const std::string& home, std::int64_t now_ms,
                                   std::function<void(Status)> done) {
  seen_ms = std::max(seen_ms, now_ms);
  auto now = travel.admits(home);
  if (now.ok() || setup.rules.policy != TravelPolicy::introduction || bans.contains(home)) return done(std::move(now));
  if (asked_for.size() >= limits::kFetchQueue)
    return done(failure(ErrorKind::rate_limited, "too many wait to hear whether somebody vouches for their home"));
  with_introductions(now_ms, [&travel, home, done = std::move(done)] { done(travel.admits(home)); });
}

void Travel::admission(const std::string& home, std::int64_t now_ms, std::function<void(Status)> done) {
  state_->with_admission(*this, home, now_ms, std::move(done));
}

void Travel::keep_up(std::int64_t now_ms) {
  auto& s = *state_;
  s.seen_ms = std::max(s.seen_ms, now_ms);
  if (s.setup.rules.policy == TravelPolicy::introduction) s.with_introductions(now_ms, [] {});
}

Result<Json> Travel::introduction(std::int64_t now_ms) const {
  const auto& setup = state_->setup;
  return trust::make_introductions(state_->did, setup.rules.introduces, setup.method, setup.sign, now_ms);
}

}  // namespace mw::federation
