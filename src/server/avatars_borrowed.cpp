// Figures that people from other homes wear here.
#include <algorithm>
#include <utility>

#include "base/format.h"
#include "server/avatars.h"
#include "trust/did.h"

namespace mw::server {

Result<AvatarRight> Avatars::right_of(VisitorId visitor, const std::string& hash) const {
  if (const auto at = kept_.find(hash); at != kept_.end())
    if (const auto owner = at->second.owners.find(visitor); owner != at->second.owners.end())
      return avatar_right(owner->second);
  return Error{ErrorKind::not_found, "hash", "you keep no such figure"};
}

// Whether this host takes it at all, from whoever brings it.
Status Avatars::may_come(const std::string& hash) const {
  if (!rules_.uploads) return failure(ErrorKind::forbidden, "this host takes no figures of one's own");
  if (const auto ban = bans_.find(hash); ban != bans_.end())
    return failure(ErrorKind::forbidden,
                   "an operator of this host has banned this file" + (ban->second.empty() ? "" : ": " + ban->second));
  return ok();
}

void Avatars::borrow(VisitorId visitor, const std::string& home, const std::string& hash, AvatarRight right,
                     std::int64_t now_ms, const Done& done) {
  if (const auto may = may_come(hash); !may.ok()) return done(may.error());
  if (kept_.contains(hash) || borrowed_.contains(hash)) return borrow_here(visitor, hash, right, now_ms, done);
  const auto did = trust::did_web(home);
  const auto at = did.ok() ? trust::parse_web_did(*did) : Result<trust::WebDid>(did.error());
  if (!fetch_ || !at.ok()) return done(failure(ErrorKind::unavailable, "this host cannot ask their home"));
  const bool asked = coming_.contains(hash);
  if (!asked && coming_.size() >= kAvatarsComing)
    return done(failure(ErrorKind::unavailable, "many figures come from elsewhere right now"));
  auto& coming = coming_[hash];
  if (coming.waiting.size() >= kAvatarOwners)
    return done(failure(ErrorKind::full, "as many people wait for it as may"));
  coming.waiting.push_back([this, visitor, hash, right, now_ms, done](const Status& here) {
    if (!here.ok()) return done(here.error());
    borrow_here(visitor, hash, right, now_ms, done);
  });
  if (asked) return;
  coming.url = at->origin() + "/avatars/" + hash + "/0.glb";
  fetch(hash, now_ms);
}

void Avatars::fetch(const std::string& hash, std::int64_t now_ms) {
  auto& coming = coming_.at(hash);
  ++coming.fetches;
  coming.under_way = true;
  coming.again_ms = 0;
  fetch_(coming.url, rules_.bytes, [this, alive = alive_, hash, now_ms](const Result<std::string>& file) {
    if (!*alive) return;
    if (!file.ok()) {
      const auto kind = file.error().kind;
      auto& asked = coming_.at(hash);
      asked.under_way = false;
      const bool later = kind == ErrorKind::unavailable || kind == ErrorKind::rate_limited;
      if (!later || asked.fetches >= kAvatarFetches) arrived(hash, file.error());
      return;
    }
    const auto bytes = as_bytes(*file);
    files_.check(Bytes(bytes.begin(), bytes.end()),
                 [this, alive, hash, now_ms](const Result<AvatarFiles::Checked>& checked) {
                   if (*alive) came(hash, now_ms, checked);
                 });
  });
}

void Avatars::fetch_again(std::int64_t now_ms) {
  std::vector<std::string> due;
  for (auto& [hash, coming] : coming_) {
    if (coming.under_way) continue;
    if (coming.again_ms == 0) coming.again_ms = now_ms + (kAvatarFetchPauseMs << (coming.fetches - 1));
    if (coming.again_ms <= now_ms) due.push_back(hash);
  }
  for (const auto& hash : due) fetch(hash, now_ms);
}

void Avatars::came(const std::string& hash, std::int64_t now_ms, const Result<AvatarFiles::Checked>& checked) {
  if (!checked.ok()) return arrived(hash, checked.error());
  const auto& avatar = *checked;
  if (avatar->hash != hash) return arrived(hash, invalid("figure", "its home has sent another file than it named"));
  // Banned while it was on its way.
  if (const auto may = may_come(hash); !may.ok()) return arrived(hash, may.error());
  files_.lend(avatar, now_ms, [this, alive = alive_, hash, avatar, now_ms](const Status& lent) {
    if (!*alive) return;
    if (lent.ok()) borrowed_[hash] = {avatar->about, {}, now_ms};
    arrived(hash, lent);
  });
}

void Avatars::arrived(const std::string& hash, const Status& status) {
  const auto waiting = coming_.extract(hash);
  if (waiting.empty()) return;
  for (const auto& told : waiting.mapped().waiting) told(status);
}

// The file is here, by whomever it came.
void Avatars::borrow_here(VisitorId visitor, const std::string& hash, AvatarRight right, std::int64_t now_ms,
                          const Done& done) {
  if (const auto kept = kept_.find(hash); kept != kept_.end() && !borrowed_.contains(hash))
    borrowed_[hash] = {kept->second.about, {}, now_ms};
  const auto at = borrowed_.find(hash);
  if (at == borrowed_.end()) return done(Error{ErrorKind::not_found, "figure", "it is shown here no more"});
  if (const auto may = may_wear(at->second.about, right); !may.ok()) return done(may.error());
  if (at->second.wearers.size() >= kAvatarOwners && !at->second.wearers.contains(visitor))
    return done(failure(ErrorKind::full, "as many people wear this figure as may"));
  at->second.wearers.insert(visitor);
  at->second.worn_ms = std::max(at->second.worn_ms, now_ms);
  files_.show(hash, at->second.worn_ms, [this, alive = alive_, visitor, hash, done](const Status& shown) {
    if (!*alive) return;
    if (!shown.ok()) return done(shown.error());
    auto told = worn(visitor, hash);
    told ? done(*std::move(told)) : done(Error{ErrorKind::not_found, "figure", "it is shown here no more"});
  });
}

}  // namespace mw::server
