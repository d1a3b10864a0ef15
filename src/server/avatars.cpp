#include "server/avatars.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/format.h"
#include "crypto/crypto.h"

namespace mw::server {
namespace {

constexpr std::string_view kKept = "avatar/", kBanned = "avatar-ban/";
constexpr std::size_t kMostKept = 100'000;
constexpr std::array<std::string_view, 3> kRights{"author", "licensed", "free"};

Error no_upload() {
  return Error{ErrorKind::not_found, "upload", "there is no such upload; it may have waited too long"};
}
Error no_such(const std::string& hash) {
  return Error{ErrorKind::not_found, "hash", format("you keep no figure {}", hash.substr(0, 12))};
}

std::string key_of(std::string_view prefix, const std::string& hash) { return std::string(prefix) + hash; }

}  // namespace

std::string_view name_of(AvatarRight right) { return kRights[static_cast<std::size_t>(right)]; }

AvatarRight avatar_right(std::string_view name) {
  const auto at = std::ranges::find(kRights, name);
  return at == kRights.end() ? AvatarRight::free : static_cast<AvatarRight>(at - kRights.begin());
}

Result<std::unique_ptr<Avatars>> Avatars::load(records::Journal& journal, AvatarRules rules, AvatarFiles& files,
                                               std::function<void(std::span<Byte>)> entropy) {
  std::unique_ptr<Avatars> out(new Avatars(rules, files, std::move(entropy)));
  const auto kept = journal.list(kKept, kMostKept);
  MW_TRY(kept);
  std::set<std::string> hashes;
  for (const auto& [key, value] : *kept) {
    const auto json = data::parse_json(value);
    const auto hash = key.substr(kKept.size());
    if (!json.ok() || !json->is_object() || !is_avatar_hash(hash)) continue;
    Kept one;
    one.about = json->value("about", Json::object());
    one.bytes = json->value("bytes", std::uint64_t{0});
    const Json owners = json->value("owners", Json::object());
    for (const auto& [id, right] : owners.items()) {
      std::uint64_t number = 0;
      std::from_chars(id.data(), id.data() + id.size(), number);
      // Guests are forgotten after a month; what they kept goes with them.
      const auto known = journal.get("visitor/" + id);
      if (number != 0 && known.ok() && *known && right.is_string())
        one.owners[VisitorId{number}] = right.get<std::string>();
    }
    if (one.owners.empty()) {
      MW_TRY(journal.remove(key));
      continue;
    }
    out->bytes_ += one.bytes;
    hashes.insert(hash);
    out->kept_.emplace(hash, std::move(one));
  }
  const auto banned = journal.list(kBanned, kAvatarBans);
  MW_TRY(banned);
  for (const auto& [key, reason] : *banned) out->bans_[key.substr(kBanned.size())] = reason;
  files.sweep(std::move(hashes));
  return out;
}

std::size_t Avatars::count_of(VisitorId visitor) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(kept_, [&](const auto& entry) { return entry.second.owners.contains(visitor); }));
}

Result<std::string> Avatars::begin(VisitorId visitor, std::size_t bytes, std::int64_t now_ms) {
  if (!rules_.uploads) return failure(ErrorKind::forbidden, "this host takes no figures of one's own");
  if (bytes == 0 || bytes > rules_.bytes)
    return Error{ErrorKind::too_large, "bytes", format("has {} bytes, expected 1 to {}", bytes, rules_.bytes)};
  if (count_of(visitor) >= rules_.per_visitor)
    return failure(ErrorKind::full,
                   format("you keep {} figures already, which is as many as there may be", rules_.per_visitor));
  if (bytes_ + bytes > rules_.total_bytes)
    return failure(ErrorKind::full, "this host keeps as many figures as its operator has room for");
  std::erase_if(uploads_, [&](const auto& entry) {
    const auto& [name, upload] = entry;
    return (upload.visitor == visitor || upload.until_ms < now_ms) && !upload.checking;
  });
  if (uploads_.size() >= kAvatarUploads)
    return failure(ErrorKind::rate_limited, "many people bring a figure right now; try again in a minute");
  std::array<Byte, 24> secret{};
  entropy_(secret);
  auto name = crypto::base64url(secret);
  Upload upload;
  upload.visitor = visitor;
  upload.bytes = bytes;
  upload.until_ms = now_ms + kAvatarUploadMs;
  uploads_.emplace(name, std::move(upload));
  return name;
}

Result<std::size_t> Avatars::send(const std::string& upload, std::size_t at, ByteView part, std::int64_t now_ms) {
  const auto found = uploads_.find(upload);
  if (found == uploads_.end() || found->second.until_ms < now_ms) return no_upload();
  auto& one = found->second;
  if (at != one.content.size())
    return Error{ErrorKind::invalid, "at", format("expected the bytes from {} on", one.content.size())};
  if (part.empty() || part.size() > kAvatarPart || part.size() > one.bytes - one.content.size())
    return Error{ErrorKind::invalid, "data",
                 format("expected 1 to {} bytes, and no more than were announced", kAvatarPart)};
  // Memory is taken as bytes come, not as they are announced.
  one.content.insert(one.content.end(), part.begin(), part.end());
  return one.content.size();
}

Result<Avatars::Upload*> Avatars::upload_of(VisitorId visitor, const std::string& name) {
  const auto at = uploads_.find(name);
  if (at == uploads_.end() || at->second.visitor != visitor) return no_upload();
  return &at->second;
}

void Avatars::check(VisitorId visitor, const std::string& upload, std::int64_t now_ms, Done done) {
  const auto found = upload_of(visitor, upload);
  if (!found.ok()) return done(found.error());
  auto& one = **found;
  if (one.checked) return done(one.checked->about);
  if (one.checking || one.content.size() != one.bytes)
    return done(failure(ErrorKind::conflict, format("{} of {} bytes are there", one.content.size(), one.bytes)));
  one.checking = true;
  one.until_ms = now_ms + kAvatarUploadMs;
  files_.check(std::move(one.content), [this, upload, alive = alive_, done](Result<AvatarFiles::Checked> checked) {
    if (!*alive) return;
    const auto at = uploads_.find(upload);
    if (at == uploads_.end()) return done(no_upload());
    if (!checked.ok()) {
      uploads_.erase(at);
      return done(checked.error());
    }
    if (const auto may = may_come((*checked)->hash); !may.ok()) {
      uploads_.erase(at);
      return done(may.error());
    }
    at->second.checking = false;
    at->second.checked = *checked;
    done((*checked)->about);
  });
}

Status may_wear(const Json& about, AvatarRight right) {
  const auto wearer = about["licence"]["wearer"].get<std::string>();
  if (wearer == "only_author" && right != AvatarRight::author)
    return Error{ErrorKind::forbidden, "right", "its licence lets nobody wear it but its author: expected author"};
  if (wearer == "licensed" && right == AvatarRight::free)
    return Error{ErrorKind::forbidden, "right",
                 "its licence lets those wear it whom its author permits: expected author or licensed"};
  return ok();
}

Status Avatars::may_keep(VisitorId visitor, const CheckedAvatar& avatar, AvatarRight right) const {
  MW_TRY(may_wear(avatar.about, right));
  const auto at = kept_.find(avatar.hash);
  if (at != kept_.end() && !at->second.owners.contains(visitor) && at->second.owners.size() >= kAvatarOwners)
    return failure(ErrorKind::full, "as many people keep this figure as may");
  const bool fresh = at == kept_.end();
  if (fresh && bytes_ + avatar.bytes() > rules_.total_bytes)
    return failure(ErrorKind::full, "this host keeps as many figures as its operator has room for");
  if ((fresh || !at->second.owners.contains(visitor)) && count_of(visitor) >= rules_.per_visitor)
    return failure(ErrorKind::full, "you keep as many figures as there may be");
  return ok();
}

void Avatars::keep(VisitorId visitor, const std::string& upload, AvatarRight right, Puts with, Done done) {
  const auto found = upload_of(visitor, upload);
  if (!found.ok()) return done(found.error());
  if (!(*found)->checked) return done(failure(ErrorKind::conflict, "it was not checked yet"));
  auto avatar = (*found)->checked;
  if (const auto may = may_keep(visitor, *avatar, right); !may.ok()) return done(may.error());
  // The files first: a record without its file would be a promise, a file without a record is swept.
  files_.keep(avatar, [this, alive = alive_, visitor, avatar, right, upload, with = std::move(with),
                       done](Status written) mutable {
    if (!*alive) return;
    if (!written.ok()) return done(written.error());
    uploads_.erase(upload);
    record(visitor, avatar, right, std::move(with), done);
  });
}

std::string Avatars::stored(const Kept& kept) {
  Json owners = Json::object();
  for (const auto& [visitor, right] : kept.owners) owners[std::to_string(visitor.value)] = right;
  return data::to_text({{"about", kept.about}, {"owners", std::move(owners)}, {"bytes", kept.bytes}});
}

void Avatars::record(VisitorId visitor, const AvatarFiles::Checked& avatar, AvatarRight right, Puts with,
                     const Done& done) {
  // Asked again, since others may have come meanwhile.
  if (const auto may = may_keep(visitor, *avatar, right); !may.ok()) return done(may.error());
  auto [at, fresh] = kept_.try_emplace(avatar->hash);
  if (fresh) {
    at->second.about = avatar->about;
    at->second.bytes = avatar->bytes();
    bytes_ += at->second.bytes;
  }
  const bool new_owner = !at->second.owners.contains(visitor);
  at->second.owners[visitor] = name_of(right);
  with.emplace_back(key_of(kKept, avatar->hash), stored(at->second));
  store_->put(std::move(with), [this, alive = alive_, visitor, avatar, new_owner, done](const Status& put) {
    if (!*alive) return;
    if (put.ok()) return done(avatar->about);
    if (const auto kept = kept_.find(avatar->hash); kept != kept_.end() && new_owner) {
      kept->second.owners.erase(visitor);
      if (kept->second.owners.empty()) {
        bytes_ -= kept->second.bytes;
        kept_.erase(kept);
        files_.remove(avatar->hash);
      }
    }
    done(put.error());
  });
}

void Avatars::drop(VisitorId visitor, const std::string& hash, Finished done) {
  const auto at = kept_.find(hash);
  if (at == kept_.end() || at->second.owners.erase(visitor) == 0) return done(no_such(hash));
  records::Batch batch;
  if (!at->second.owners.empty()) {
    batch.puts.emplace_back(key_of(kKept, hash), stored(at->second));
  } else {
    batch.removes.push_back(key_of(kKept, hash));
    bytes_ -= at->second.bytes;
    kept_.erase(at);
    // Somebody from elsewhere may wear the same file.
    borrowed_.contains(hash) ? files_.remove_files(hash) : files_.remove(hash);
  }
  store_->commit(std::move(batch), [done](const Result<std::vector<std::uint64_t>>& written) {
    done(written.ok() ? ok() : Status(written.error()));
  });
}

Json Avatars::list(VisitorId visitor) const {
  Json out = Json::array();
  for (const auto& [hash, kept] : kept_)
    if (kept.owners.contains(visitor)) out.push_back(kept.about);
  return out;
}

std::optional<Json> Avatars::worn(VisitorId visitor, const std::string& hash) const {
  if (const auto at = kept_.find(hash); at != kept_.end() && at->second.owners.contains(visitor))
    return worn_form(at->second.about);
  if (const auto at = borrowed_.find(hash); at != borrowed_.end() && at->second.wearers.contains(visitor))
    return worn_form(at->second.about);
  return std::nullopt;
}

void Avatars::show(const std::string& hash, std::int64_t now_ms, AvatarFiles::Done done) {
  files_.show(hash, now_ms, std::move(done));
}

void Avatars::go_on(const std::set<std::string>& worn, std::int64_t now_ms) {
  for (const auto& hash : worn) {
    files_.show(hash, now_ms, [](const Status&) {});
    if (const auto at = borrowed_.find(hash); at != borrowed_.end()) at->second.worn_ms = now_ms;
  }
  files_.hide_old(now_ms);
  std::erase_if(borrowed_, [&](const auto& entry) { return now_ms - entry.second.worn_ms > kAvatarShownMs; });
  std::erase_if(uploads_, [&](const auto& entry) { return entry.second.until_ms < now_ms && !entry.second.checking; });
}

void Avatars::ban(const std::string& hash, const std::string& reason, Finished done) {
  if (!bans_.contains(hash) && bans_.size() >= kAvatarBans)
    return done(failure(ErrorKind::full, format("{} files are banned, which is as many as there may be", kAvatarBans)));
  bans_[hash] = reason;
  records::Batch batch;
  batch.puts.emplace_back(key_of(kBanned, hash), reason);
  batch.removes.push_back(key_of(kKept, hash));
  if (const auto at = kept_.find(hash); at != kept_.end()) {
    bytes_ -= at->second.bytes;
    kept_.erase(at);
  }
  borrowed_.erase(hash);
  files_.remove(hash);
  store_->commit(std::move(batch), [done](const Result<std::vector<std::uint64_t>>& written) {
    done(written.ok() ? ok() : Status(written.error()));
  });
}

void Avatars::unban(const std::string& hash, Finished done) {
  if (bans_.erase(hash) == 0) return done(Error{ErrorKind::not_found, "hash", "no such file is banned"});
  records::Batch batch;
  batch.removes.push_back(key_of(kBanned, hash));
  store_->commit(std::move(batch), [done](const Result<std::vector<std::uint64_t>>& written) {
    done(written.ok() ? ok() : Status(written.error()));
  });
}

Json Avatars::bans() const {
  Json out = Json::array();
  for (const auto& [hash, reason] : bans_) out.push_back({{"hash", hash}, {"reason", reason}});
  return out;
}

Json Avatars::status() const {
  return {{"kept", kept_.size()}, {"bytes", bytes_}, {"borrowed", borrowed_.size()}, {"uploads", uploads_.size()}};
}

Json worn_form(const Json& about) {
  Json json{{"hash", about["hash"]},
            {"rank", about["rank"]},
            {"height", about["height"]},
            {"triangles", about["cost"]["triangles"]},
            {"authors", about["licence"]["authors"]}};
  if (about["licence"].contains("name")) json["name"] = about["licence"]["name"];
  return json;
}

}  // namespace mw::server
