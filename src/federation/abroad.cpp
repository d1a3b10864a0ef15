#include "federation/abroad.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/assert.h"
#include "base/format.h"
#include "base/limits.h"
#include "crypto/canonical.h"
#include "crypto/multibase.h"
#include "trust/carried.h"
#include "trust/did.h"
#include "trust/lease.h"

namespace mw::federation {
namespace {

constexpr int kSlowest = 10;  // doublings of kLookAgainMs: more than an hour
constexpr std::string_view kLogPrefix = "abroad-log/", kThingPrefix = "abroad/";

std::string log_key(VisitorId visitor, const std::string& host) {
  return format("{}{}/{}", kLogPrefix, visitor.value, host);
}
std::string thing_key(VisitorId visitor, const trust::AssetId& asset) {
  return format("{}{}/{}", kThingPrefix, visitor.value, trust::title_hash_text(asset));
}

Error damaged(std::string_view key) { return Error{ErrorKind::damaged, std::string(key), "not as it was written"}; }

// "PREFIX7/REST": 7 and REST.
std::optional<std::pair<VisitorId, std::string>> split(std::string_view key, std::string_view prefix) {
  key.remove_prefix(prefix.size());
  const auto slash = key.find('/');
  VisitorId visitor;
  if (slash == std::string_view::npos) return std::nullopt;
  const auto read = std::from_chars(key.data(), key.data() + slash, visitor.value);
  if (read.ec != std::errc() || read.ptr != key.data() + slash || !visitor) return std::nullopt;
  return std::pair(visitor, std::string(key.substr(slash + 1)));
}

}  // namespace

Abroad::Abroad(Setup setup) : setup_(std::move(setup)), alive_(std::make_shared<bool>(true)) {}
Abroad::~Abroad() { *alive_ = false; }
void Abroad::attach(records::Store& store) { store_ = &store; }

Status Abroad::read_log(const std::string& key, const std::string& text) {
  const auto at = split(key, kLogPrefix);
  const auto json = data::parse_json(text);
  if (!at || !json.ok() || !trust::did_web(at->second).ok()) return damaged(key);
  try {
    const auto host_key = crypto::from_multikey(json->at("key").get<std::string>());
    if (!host_key.ok()) return damaged(key);
    people_[at->first].logs[at->second] = {*host_key, json->at("asked_ms").get<std::int64_t>(), 0, false};
  } catch (const Json::exception&) {
    return damaged(key);
  }
  return ok();
}

Status Abroad::read_thing(const std::string& key, const std::string& text) {
  const auto at = split(key, kThingPrefix);
  const auto json = data::parse_json(text);
  const auto asset = at ? trust::parse_title_hash(at->second, "asset") : Result<trust::AssetId>(damaged(key));
  if (!asset.ok() || !json.ok()) return damaged(key);
  try {
    people_[at->first].things.push_back({*asset, json->at("host").get<std::string>(),
                                         json->at("log").get<std::string>(), json->at("thing"), std::nullopt});
  } catch (const Json::exception&) {
    return damaged(key);
  }
  return ok();
}

Result<std::unique_ptr<Abroad>> Abroad::load(records::Journal& journal, Setup setup) {
  std::unique_ptr<Abroad> abroad(new Abroad(std::move(setup)));
  const auto logs = journal.list(kLogPrefix, limits::kAccounts * kLogs);
  MW_TRY(logs);
  for (const auto& [key, text] : *logs) MW_TRY(abroad->read_log(key, text));
  const auto things = journal.list(kThingPrefix, limits::kAccounts * kThings);
  MW_TRY(things);
  for (const auto& [key, text] : *things) MW_TRY(abroad->read_thing(key, text));
  return abroad;
}

const std::vector<Abroad::Thing>& Abroad::of(VisitorId visitor) const {
  static const std::vector<Thing> none;
  const auto at = people_.find(visitor);
  return at == people_.end() ? none : at->second.things;
}

const Abroad::Thing* Abroad::find(VisitorId visitor, const trust::AssetId& asset) const {
  const auto& things = of(visitor);
  const auto at = std::ranges::find(things, asset, &Thing::asset);
  return at == things.end() ? nullptr : &*at;
}

// --- What comes ------------------------------------------------------------------------------------------------------

void Abroad::address(VisitorId visitor, const std::string& host, const crypto::PublicKey& host_key, std::int64_t now_ms,
                     std::function<void(Result<crypto::PublicKey>)> done) {
  MW_ASSERT(store_ != nullptr);
  auto& person = people_[visitor];
  records::Batch batch;
  if (!person.logs.contains(host) && person.logs.size() >= kLogs) {
    auto oldest = person.logs.end();
    for (auto at = person.logs.begin(); at != person.logs.end(); ++at) {
      if (!gave(person, at->first) && (oldest == person.logs.end() || at->second.asked_ms < oldest->second.asked_ms))
        oldest = at;
    }
    if (oldest == person.logs.end()) return done(failure(ErrorKind::full, "they have things in too many logs"));
    batch.removes.push_back(log_key(visitor, oldest->first));
    person.logs.erase(oldest);
  }
  auto& log = person.logs[host];
  log.key = host_key;
  log.asked_ms = now_ms;
  batch.puts.emplace_back(log_key(visitor, host),
                          data::to_text(Json{{"key", crypto::multikey(host_key)}, {"asked_ms", now_ms}}));
  store_->commit(std::move(batch), [this, visitor, done = std::move(done), alive = alive_](const auto& stored) {
    if (!*alive) return;
    if (!stored.ok()) return done(stored.error());
    done(setup_.key_of(visitor).public_key());
  });
}

bool Abroad::gave(const Person& person, const std::string& host) {
  return std::ranges::any_of(person.things, [&](const Thing& thing) { return thing.host == host; });
}

void Abroad::look(VisitorId visitor, std::int64_t now_ms) {
  const auto at = people_.find(visitor);
  if (at == people_.end()) return;
  std::vector<std::string> hosts;
  std::vector<std::pair<std::int64_t, std::string>> awaited;
  for (const auto& [host, log] : at->second.logs) {
    if (gave(at->second, host))
      hosts.push_back(host);
    else
      awaited.emplace_back(-log.asked_ms, host);
  }
  std::ranges::sort(awaited);
  if (awaited.size() > kAwaited) awaited.resize(kAwaited);
  for (auto& [asked, host] : awaited) hosts.push_back(std::move(host));
  for (const auto& host : hosts) look(visitor, host, now_ms);
}

void Abroad::look(VisitorId visitor, const std::string& host, std::int64_t now_ms) {
  const auto person = people_.find(visitor);
  if (person == people_.end()) return;
  const auto at = person->second.logs.find(host);
  if (at == person->second.logs.end() || at->second.looking) return;
  if (now_ms - at->second.looked_ms < kLookAgainMs << std::min(at->second.failures, kSlowest)) return;
  at->second.looking = true;
  at->second.looked_ms = now_ms;
  setup_.follow({host, at->second.key, {}, setup_.key_of(visitor).public_key()},
                [this, visitor, host, alive = alive_](const Result<Standings>& standings) {
                  if (!*alive) return;
                  auto& logs = people_[visitor].logs;
                  if (const auto log = logs.find(host); log != logs.end()) {
                    log->second.looking = false;
                    log->second.failures = standings.ok() ? 0 : log->second.failures + 1;
                  }
                  if (standings.ok()) looked(visitor, host, *standings);
                });
}

void Abroad::looked(VisitorId visitor, const std::string& host, const Standings& standings) {
  auto& things = people_[visitor].things;
  std::vector<trust::AssetId> lost;
  for (auto& thing : things) {
    if (thing.host != host) continue;
    const auto one = std::ranges::find(standings, thing.asset, &Standings::value_type::first);
    if (one == standings.end())
      lost.push_back(thing.asset);
    else if (one->second.ok())
      thing.title = one->second->title;
  }
  for (const auto& asset : lost) lose(visitor, asset);
  for (const auto& [asset, standing] : standings)
    if (standing.ok() && find(visitor, asset) == nullptr && people_[visitor].things.size() < kThings)
      ask_thing(visitor, host, standing->title);
}

// The title has the hash of what the thing is; the host of its log has the thing.
void Abroad::ask_thing(VisitorId visitor, const std::string& host, const trust::Title& title) {
  setup_.call(host, "title.thing", {{"asset", trust::title_hash_text(title.asset)}},
              [this, visitor, host, title, alive = alive_](const Result<Json>& answer) {
                if (!*alive || !answer.ok() || find(visitor, title.asset) != nullptr) return;
                const auto thing = answer->find("thing");
                if (thing == answer->end() || !thing->is_object()) return;
                const auto text = crypto::canonical_json(*thing);
                if (!text.ok() || crypto::sha256(as_bytes(*text)) != title.content) return;
                const auto log = people_[visitor].logs.find(host);
                if (log == people_[visitor].logs.end()) return;
                found(visitor, {title.asset, host, trust::log_origin(log->second.key), *thing, title});
              });
}

void Abroad::found(VisitorId visitor, Thing thing) {
  records::Batch batch;
  batch.puts.emplace_back(thing_key(visitor, thing.asset),
                          data::to_text(Json{{"host", thing.host}, {"log", thing.log}, {"thing", thing.thing}}));
  store_->commit(std::move(batch), [this, visitor, thing = std::move(thing), alive = alive_](const auto& stored) {
    if (!*alive || !stored.ok() || find(visitor, thing.asset) != nullptr) return;  // the next look tries again
    people_[visitor].things.push_back(thing);
    if (changed_) changed_(visitor);
  });
}

void Abroad::lose(VisitorId visitor, const trust::AssetId& asset) {
  std::erase_if(people_[visitor].things, [&](const Thing& thing) { return thing.asset == asset; });
  records::Batch batch;
  batch.removes.push_back(thing_key(visitor, asset));
  store_->commit(std::move(batch), [](const auto&) {});  // what stays on disk is found to be lost again
  if (changed_) changed_(visitor);
}

// --- What goes -------------------------------------------------------------------------------------------------------

void Abroad::record(VisitorId by, const trust::AssetId& asset,
                    std::function<trust::TitleForm(const trust::Title&)> form, Json more, Titles::Answer answer) {
  const auto* thing = find(by, asset);
  const auto& logs = people_[by].logs;
  const auto log = thing == nullptr ? logs.end() : logs.find(thing->host);
  if (log == logs.end()) return answer(failure(ErrorKind::not_found, "you have no such thing"));
  setup_.follow({thing->host, log->second.key, {asset}, {}},
                [this, by, asset, form = std::move(form), more = std::move(more), answer = std::move(answer),
                 alive = alive_](const Result<Standings>& standings) {
                  if (!*alive) return;
                  if (!standings.ok()) return answer(standings.error());
                  const auto* still = find(by, asset);
                  if (still == nullptr || standings->empty())
                    return answer(failure(ErrorKind::not_found, "you have no such thing"));
                  const auto& standing = standings->front().second;
                  if (!standing.ok()) return answer(standing.error());
                  if (standing->title.head().owner != setup_.key_of(by).public_key()) {
                    lose(by, asset);
                    return answer(failure(ErrorKind::forbidden, "this title is not yours any more"));
                  }
                  signed_and_sent(by, *still, form(standing->title), more, answer);
                });
}

void Abroad::signed_and_sent(VisitorId by, const Thing& thing, const trust::TitleForm& form, Json more,
                             Titles::Answer answer) {
  const auto key = std::make_shared<crypto::SigningKey>(setup_.key_of(by));
  const std::vector<trust::Sign> signers{[key](ByteView message) { return key->sign(message); }};
  const auto made = trust::sign_title(thing.log, form, signers);
  if (!made.ok()) return answer(made.error());
  more["record"] = std::string(as_text(format_title(*made)));
  setup_.call(thing.host, "title.record", std::move(more),
              [answer = std::move(answer), alive = alive_](Result<Json> recorded) {
                if (*alive) answer(std::move(recorded));
              });
}

void Abroad::lease(VisitorId by, const trust::AssetId& asset, const Titles::Tenant& to, std::int64_t now_ms,
                   Titles::Answer answer) {
  if (const auto right = setup_.clock(now_ms); !right.ok()) return answer(right.error());
  record(
      by, asset,
      [to, now_ms](const trust::Title& title) -> trust::TitleForm {
        return trust::lease_from_now(title, to.host, to.key, now_ms);
      },
      Json::object(),
      [this, by, asset, to, now_ms, answer = std::move(answer), alive = alive_](Result<Json> recorded) {
        if (!*alive) return;
        // As it is read again with the log; until then nobody takes the thing along twice.
        auto& things = people_[by].things;
        const auto thing = std::ranges::find(things, asset, &Thing::asset);
        if (recorded.ok() && thing != things.end() && thing->title) {
          const auto made = trust::lease_from_now(*thing->title, to.host, to.key, now_ms);
          thing->title->lease =
              trust::Lease{made.number, made.host, made.holder, made.from_s, made.until_s, thing->title->head().index};
        }
        answer(std::move(recorded));
      });
}

void Abroad::came_back(VisitorId visitor, const trust::AssetId& asset, std::int64_t now_ms) {
  auto& things = people_[visitor].things;
  const auto thing = std::ranges::find(things, asset, &Thing::asset);
  if (thing != things.end() && thing->title && thing->title->lease)
    thing->title->lease->until_s = std::min(thing->title->lease->until_s, now_ms / 1'000);
}

void Abroad::give(VisitorId by, const trust::AssetId& asset, const crypto::PublicKey& to, const std::string& person,
                  Titles::Answer answer) {
  record(
      by, asset,
      [asset, to](const trust::Title& title) -> trust::TitleForm {
        return trust::TitleTransfer{{asset, title.sequence + 1, title.head().record, to}};
      },
      {{"person", person}},
      [this, by, asset, answer = std::move(answer), alive = alive_](Result<Json> recorded) {
        if (!*alive) return;
        if (recorded.ok()) lose(by, asset);
        answer(std::move(recorded));
      });
}

}  // namespace mw::federation
