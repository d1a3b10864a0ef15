#include "federation/titles.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <tuple>
#include <utility>

#include "base/format.h"
#include "base/limits.h"
#include "crypto/canonical.h"
#include "crypto/multibase.h"
#include "trust/did.h"
#include "trust/lease.h"

namespace mw::federation {
namespace {

constexpr std::string_view kAssetPrefix = "title/", kKeyPrefix = "title-key/", kDescriptionPrefix = "title-content/";
constexpr std::size_t kValues = 2 * limits::kTitlesPerLog;

Error about_to_move() {
  return failure(ErrorKind::conflict, "one of the things is about to move; try again in a moment");
}

std::string place_key(const std::string& world, EntityId entity) { return format("{}/{}", world, entity.value); }

}  // namespace

Titles::Titles(TitleLog& log, records::Store& store, KeyOf key_of)
    : log_(log),
      store_(store),
      key_of_(std::move(key_of)),
      held_(store),
      index_(log.origin()),
      alive_(std::make_shared<bool>(true)) {}

Titles::~Titles() { *alive_ = false; }

void Titles::start(std::function<void(Status)> done) {
  started_ = std::move(done);
  auto found = std::make_shared<Result<std::vector<std::pair<std::string, std::string>>>>(
      std::vector<std::pair<std::string, std::string>>());
  store_.run(
      [found](records::Journal& journal) {
        *found = journal.list(kAssetPrefix, kValues);
        if (!found->ok()) return;
        for (const auto& [prefix, most] :
             {std::pair{kKeyPrefix, kValues}, {kDescriptionPrefix, kValues}, {HeldKeys::kPrefix, limits::kAccounts}}) {
          const auto more = journal.list(prefix, most);
          if (!more.ok()) {
            *found = more.error();
            return;
          }
          (*found)->insert((*found)->end(), more->begin(), more->end());
        }
      },
      [this, found, alive = alive_] {
        if (!*alive) return;
        if (!found->ok()) return std::exchange(started_, {})(found->error());
        for (const auto& [key, value] : **found) {
          if (key.starts_with(HeldKeys::kPrefix)) {
            if (const auto read = held_.read(key, value); !read.ok()) return std::exchange(started_, {})(read);
          } else {
            take(key, value);
          }
        }
        catch_up();
      });
}

// --- The log ---------------------------------------------------------------------------------------------------------

void Titles::apply(ByteView entry) {
  const std::uint64_t at = index_.entries();
  const auto judged = index_.apply(at, entry);
  if (judged.verdict == trust::Judgement::Verdict::counts)
    for (const auto& asset : judged.assets) note_owner(asset);
  const auto waits = waiting_.find(at);
  if (waits == waiting_.end()) return;
  const auto then = std::move(waits->second.then);
  waiting_.erase(waits);
  then(judged);
}

void Titles::put_asset(const std::string& place, const std::string& asset) {
  assets_[place] = asset;
  const auto slash = place.rfind('/');
  const auto id = trust::parse_title_hash(asset, "asset");
  Place at;
  if (!id.ok() || slash == std::string::npos) return;
  at.world = place.substr(0, slash);
  std::from_chars(place.data() + slash + 1, place.data() + place.size(), at.entity.value);
  places_[*id] = std::move(at);
}

// What the store has of it.
void Titles::take(const std::string& key, const std::string& value) {
  if (key.starts_with(kAssetPrefix))
    put_asset(key.substr(kAssetPrefix.size()), value);
  else if (key.starts_with(kDescriptionPrefix))
    descriptions_[key.substr(kDescriptionPrefix.size())] = value;
  else
    keepers_[key.substr(kKeyPrefix.size())] = value;
}

void Titles::note_owner(const trust::AssetId& asset) {
  const auto* title = index_.find(asset);
  if (title == nullptr) return;
  if (title->lease) away_.insert(asset);
  const auto& owner = title->head().owner.bytes;
  const auto [before, first] = owner_.try_emplace(asset, owner);
  if (first) created_[asset] = title->head().index;
  if (!first && before->second != owner) {
    const auto had = owned_.find(before->second);
    had->second.erase(asset);
    if (had->second.empty()) owned_.erase(had);
    before->second = owner;
  }
  owned_[owner].insert(asset);
}

// Reads what others have put between, and at the start everything.
void Titles::catch_up() {
  if (reading_) return;
  reading_ = true;
  log_.read(index_.entries(), [this, alive = alive_](Result<std::vector<Bytes>> entries) {
    if (!*alive) return;
    reading_ = false;
    if (!entries.ok()) {
      if (started_) return std::exchange(started_, {})(entries.error());
      return;  // the next record tries again
    }
    for (const auto& entry : *entries) apply(entry);
    if (!entries->empty() && (started_ || !waiting_.empty())) return catch_up();
    if (!started_) return;
    ready_ = true;
    std::exchange(started_, {})(ok());
  });
}

void Titles::recorded(std::uint64_t index, Bytes entry, std::function<void(const trust::Judgement&)> then) {
  waiting_[index] = {std::move(entry), std::move(then)};
  // In order, as far as there are no others between.
  while (!waiting_.empty() && waiting_.begin()->first == index_.entries()) apply(Bytes(waiting_.begin()->second.entry));
  if (!waiting_.empty()) catch_up();
}

// --- Records ---------------------------------------------------------------------------------------------------------

Status Titles::may_record(const trust::TitleRecord& record) const {
  if (!ready_) return failure(ErrorKind::unavailable, "the host is still reading its log");
  const auto judged = index_.judge(record);
  if (judged.verdict == trust::Judgement::Verdict::counts) return ok();
  const bool unknown = judged.fault == trust::TitleFault::unknown_asset,
             forged = judged.fault == trust::TitleFault::forged;
  return failure(unknown  ? ErrorKind::not_found
                 : forged ? ErrorKind::forbidden
                          : ErrorKind::conflict,
                 format("{}: {}", name_of(judged.fault), judged.why));
}

crypto::PublicKey Titles::kept_key(VisitorId visitor, Puts& puts) {
  const crypto::PublicKey key = key_of_(visitor).public_key();
  puts.emplace_back(std::string(kKeyPrefix) + crypto::multikey(key), std::to_string(visitor.value));
  return key;
}

crypto::PublicKey Titles::receiving_key(VisitorId visitor, Puts& puts) {
  const auto* held = held_.of(visitor);
  return held != nullptr && held->holds ? held->key : kept_key(visitor, puts);
}

void Titles::keep_then(Puts puts, std::function<void(Status)> then) {
  if (puts.empty()) return then(ok());
  store_.put(puts, [this, puts, then = std::move(then), alive = alive_](const Status& stored) {
    if (!*alive) return;
    if (stored.ok())
      for (const auto& [key, value] : puts) take(key, value);
    then(stored);
  });
}

// What the record needs beside the log is on disk first: without the record it means nothing.
void Titles::put(VisitorId by, const trust::TitleRecord& record, Puts puts, Answer answer) {
  if (puts.empty()) return append(by, record, std::move(answer));
  store_.put(puts, [this, by, record, puts, answer = std::move(answer), alive = alive_](const Status& stored) {
    if (!*alive) return;
    if (!stored.ok()) return answer(stored.error());
    for (const auto& [key, value] : puts) take(key, value);
    // Another may have come first while this one waited for the disk.
    if (const auto may = may_record(record); !may.ok()) return answer(may.error());
    append(by, record, answer);
  });
}

void Titles::append(VisitorId by, const trust::TitleRecord& record, Answer answer) {
  const Bytes entry = format_title(record);
  const auto assets = index_.judge(record).assets;
  for (const auto& asset : assets) ++flying_[asset];
  const auto landed = [this, assets] {
    for (const auto& asset : assets)
      if (const auto at = flying_.find(asset); --at->second == 0) flying_.erase(at);
  };
  log_.append(
      entry, [this, by, entry, landed, answer = std::move(answer), alive = alive_](const Result<std::uint64_t>& index) {
        if (!*alive) return;
        if (!index.ok()) {
          landed();
          return answer(index.error());
        }
        recorded(*index, entry, [this, by, landed, at = *index, answer](const trust::Judgement& judged) {
          landed();
          if (judged.verdict != trust::Judgement::Verdict::counts)
            return answer(failure(ErrorKind::conflict, format("{}: {}", name_of(judged.fault), judged.why)));
          for (const auto& asset : judged.assets) pending_.push_back({by, asset, at});
          while (pending_.size() > limits::kLogQueueEntries) pending_.pop_front();
          answer(standing(*index_.find(judged.assets.front())));
        });
      });
}

Result<crypto::Digest> Titles::content_of(const Json& description) {
  const auto text = crypto::canonical_json(description);
  MW_TRY(text);
  return crypto::sha256(as_bytes(*text));
}

std::optional<trust::AssetId> Titles::asset_of(const std::string& world, EntityId entity) const {
  const auto at = assets_.find(place_key(world, entity));
  if (at == assets_.end()) return std::nullopt;
  const auto asset = trust::parse_title_hash(at->second, "asset");
  if (!asset.ok() || index_.find(*asset) == nullptr) return std::nullopt;
  return *asset;
}

Result<Json> Titles::description_of(const trust::AssetId& asset) const {
  const auto* title = index_.find(asset);
  const auto found = descriptions_.find(trust::title_hash_text(asset));
  if (title == nullptr || found == descriptions_.end() || crypto::sha256(as_bytes(found->second)) != title->content)
    return failure(ErrorKind::not_found, "what this title is over was not kept");
  return data::parse_json(found->second);
}

void Titles::create(VisitorId by, const std::string& world, EntityId entity, const Json& description,
                    std::string_view record, Answer answer) {
  if (asset_of(world, entity)) return answer(failure(ErrorKind::conflict, "this thing has a title already"));
  const auto text = crypto::canonical_json(description);
  if (!text.ok()) return answer(text.error());
  const auto content = crypto::sha256(as_bytes(*text));
  Puts puts;
  Result<trust::TitleRecord> made = failure(ErrorKind::internal, "");
  if (record.empty()) {
    trust::TitleCreate form;
    form.content = content;
    form.owner = kept_key(by, puts);
    // One thing has one creation by one owner, however often it is asked for.
    const auto digest =
        crypto::sha256(as_bytes(format("manyworlds serial 1\n{}\n{}", place_key(world, entity), by.value)));
    std::copy_n(digest.begin(), form.serial.size(), form.serial.begin());
    const auto key = std::make_shared<crypto::SigningKey>(key_of_(by));
    const std::vector<trust::Sign> signers{[key](ByteView message) { return key->sign(message); }};
    made = trust::sign_title(log_.origin(), form, signers);
  } else {
    made = trust::parse_title(as_bytes(record));
    const auto* form = made.ok() ? std::get_if<trust::TitleCreate>(&made->form) : nullptr;
    if (made.ok() && (form == nullptr || form->content != content))
      made = invalid("/params/record", "expected a creation with the content of this thing");
  }
  if (!made.ok()) return answer(made.error());
  if (const auto may = may_record(*made); !may.ok()) return answer(may.error());
  puts.emplace_back(std::string(kAssetPrefix) + place_key(world, entity), trust::title_hash_text(made->hash));
  puts.emplace_back(std::string(kDescriptionPrefix) + trust::title_hash_text(made->hash), *text);
  put(by, *made, std::move(puts), std::move(answer));
}

Result<trust::TitleTransfer> Titles::give_form(VisitorId by, const trust::AssetId& asset,
                                               const crypto::PublicKey& to) const {
  const auto* title = index_.find(asset);
  if (title == nullptr) return failure(ErrorKind::not_found, "this log has no such title");
  if (!owns(by, asset)) return failure(ErrorKind::forbidden, "this title is not yours");
  return trust::TitleTransfer{{asset, title->sequence + 1, title->head().record, to}};
}

void Titles::give(VisitorId by, const trust::AssetId& asset, const crypto::PublicKey& to, Answer answer,
                  const Signed& signature) {
  const auto form = give_form(by, asset, to);
  if (!form.ok()) return answer(form.error());
  const auto made = signed_by_owner(by, *index_.find(asset), *form, signature);
  if (!made.ok()) return answer(made.error());
  if (const auto may = may_record(*made); !may.ok()) return answer(may.error());
  append(by, *made, std::move(answer));
}

void Titles::give(VisitorId by, const trust::AssetId& asset, VisitorId to, Answer answer, const Signed& signature) {
  Puts puts;
  const auto key = receiving_key(to, puts);
  keep_then(std::move(puts), [this, by, asset, key, signature, answer = std::move(answer)](const Status& stored) {
    if (!stored.ok()) return answer(stored.error());
    give(by, asset, key, answer, signature);
  });
}

void Titles::give(VisitorId by, const trust::AssetId& asset, const crypto::PublicKey& to, const std::string& person,
                  Answer answer, const Signed& signature) {
  keep_then({{std::string(kKeyPrefix) + crypto::multikey(to), person}},
            [this, by, asset, to, signature, answer = std::move(answer)](const Status& stored) {
              if (!stored.ok()) return answer(stored.error());
              give(by, asset, to, answer, signature);
            });
}

Result<trust::TitleLease> Titles::lease_form(VisitorId by, const trust::AssetId& asset, const Tenant& to,
                                             std::int64_t now_ms) const {
  const auto* title = index_.find(asset);
  if (title == nullptr) return failure(ErrorKind::not_found, "this log has no such title");
  if (!owns(by, asset)) return failure(ErrorKind::forbidden, "this title is not yours");
  // A clock that may be wrong would name times in which the thing is shown twice.
  if (const auto right = log_.clock(now_ms); !right.ok()) return right.error();
  const auto form = trust::lease_from_now(*title, to.host, to.key, now_ms);
  if (const auto begins = trust::lease_begins_now(form, now_ms); !begins.ok()) return begins.error();
  return form;
}

void Titles::lease(VisitorId by, const trust::AssetId& asset, const Tenant& to, std::int64_t now_ms, Answer answer,
                   const std::optional<SignedLease>& signature) {
  auto form = lease_form(by, asset, to, now_ms);
  if (!form.ok()) return answer(form.error());
  if (signature) {
    // Its owner took a moment to sign; the times that they have signed must still be of now.
    form->from_s = signature->from_s;
    form->until_s = signature->until_s;
    if (const auto begins = trust::lease_begins_now(*form, now_ms); !begins.ok()) return answer(begins.error());
  }
  const auto made =
      signed_by_owner(by, *index_.find(asset), *form, signature ? Signed(signature->signature) : Signed());
  if (!made.ok()) return answer(made.error());
  if (const auto may = may_record(*made); !may.ok()) return answer(may.error());
  append(by, *made, std::move(answer));
}

// --- Trades ----------------------------------------------------------------------------------------------------------

Result<trust::TitleTrade> Titles::trade_form(const Trading& one, const Trading& other) const {
  const auto move = [this](const Trading& from, const Trading& to) -> Result<trust::TitleMove> {
    const auto* title = index_.find(from.gives);
    if (title == nullptr) return failure(ErrorKind::not_found, "this log has no such title");
    return trust::TitleMove{from.gives, title->sequence + 1, title->head().record, receives(to.who)};
  };
  const auto& [first, second] = one.gives < other.gives ? std::tie(one, other) : std::tie(other, one);
  const auto here = move(first, second), there = move(second, first);
  if (!here.ok()) return here.error();
  if (!there.ok()) return there.error();
  return trust::TitleTrade{*here, *there};
}

Result<trust::TitleRecord> Titles::signed_trade(const Trading& one, const Trading& other) const {
  const auto form = trade_form(one, other);
  if (!form.ok()) return form.error();
  const auto statement = trust::title_statement(log_.origin(), *form);
  if (!statement.ok()) return statement.error();
  std::vector<crypto::Signature> signatures;
  for (const auto& move : {form->first, form->second}) {
    if (flying_.contains(move.asset)) return about_to_move();
    const auto& side = move.asset == one.gives ? one : other;
    const auto by_owner = signature_of_owner(side.who, *index_.find(move.asset), *statement, side.signature);
    if (!by_owner.ok()) return by_owner.error();
    signatures.push_back(*by_owner);
  }
  return trust::title_record(log_.origin(), *form, std::move(signatures));
}

void Titles::trade(const Trading& one, const Trading& other, Answer answer) {
  // What was looked at before must be so still, also after the disk was waited for.
  const auto leases = [this, one, other] {
    std::array<std::uint64_t, 2> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i)
      if (const auto* title = index_.find(i == 0 ? one.gives : other.gives); title != nullptr && title->lease)
        numbers[i] = title->lease->number;
    return numbers;
  };
  if (flying_.contains(one.gives) || flying_.contains(other.gives)) return answer(about_to_move());
  Puts puts;
  for (const auto& side : {one, other}) receiving_key(side.who, puts);
  keep_then(std::move(puts), [this, one, other, leases, before = leases(),
                              answer = std::move(answer)](const Status& stored) {
    if (!stored.ok()) return answer(stored.error());
    if (leases() != before) return answer(about_to_move());
    const auto made = signed_trade(one, other);
    if (!made.ok()) return answer(made.error());
    if (const auto may = may_record(*made); !may.ok()) return answer(may.error());
    append(one.who, *made, [this, other, assets = std::array{one.gives, other.gives}, answer](Result<Json> standing) {
      if (standing.ok())
        for (const auto& asset : assets)
          pending_.push_back({other.who, asset, standing->value("index", std::uint64_t{0})});
      answer(std::move(standing));
    });
  });
}

void Titles::record(VisitorId by, std::string_view text, Answer answer) {
  const auto made = trust::parse_title(as_bytes(text));
  if (!made.ok()) return answer(invalid("/params/record", made.error().text()));
  // A creation needs its thing, and a lease a clock that was held against witnesses.
  const bool moves = std::holds_alternative<trust::TitleTransfer>(made->form) ||
                     std::holds_alternative<trust::TitleRotate>(made->form) ||
                     std::holds_alternative<trust::TitleTrade>(made->form);
  if (!moves) return answer(invalid("/params/record", "expected a transfer, a rotation or a trade"));
  if (const auto may = may_record(*made); !may.ok()) return answer(may.error());
  append(by, *made, std::move(answer));
}

// The clock of whoever brings a record is not this host's.
Status Titles::right_time(const trust::TitleRecord& record, std::int64_t now_ms) const {
  const auto* lease = std::get_if<trust::TitleLease>(&record.form);
  const auto* back = std::get_if<trust::TitleReturn>(&record.form);
  if (lease == nullptr && back == nullptr) return ok();
  if (const auto right = log_.clock(now_ms); !right.ok()) return right;
  if (lease != nullptr) return trust::lease_begins_now(*lease, now_ms);
  if (std::abs(back->at_s * 1'000 - now_ms) > limits::kClockSkewMs + 1'000)
    return invalid("at", "a thing is given back now, by the clocks of both hosts");
  return ok();
}

void Titles::record_from_host(std::string_view text, const std::string& person, std::int64_t now_ms, Answer answer) {
  const auto made = trust::parse_title(as_bytes(text));
  if (!made.ok()) return answer(invalid("/params/record", made.error().text()));
  if (std::holds_alternative<trust::TitleCreate>(made->form))
    return answer(invalid("/params/record", "a title is made where its thing is"));
  if (const auto may = may_record(*made); !may.ok()) return answer(may.error());
  if (const auto time = right_time(*made, now_ms); !time.ok()) return answer(time.error());
  Puts puts;
  const auto* transfer = std::get_if<trust::TitleTransfer>(&made->form);
  if (transfer != nullptr && !person.empty()) {
    const std::string key = crypto::multikey(transfer->move.to);
    if (!keepers_.contains(key) && !held_.owner_of(transfer->move.to))
      puts.emplace_back(std::string(kKeyPrefix) + key, person);
  }
  put(VisitorId{}, *made, std::move(puts), std::move(answer));
}

// --- Where things are -----------------------------------------------------------------------------------------------

std::optional<Titles::Place> Titles::place_of(const trust::AssetId& asset) const {
  const auto at = places_.find(asset);
  return at == places_.end() ? std::nullopt : std::optional(at->second);
}

bool Titles::at_home(const trust::AssetId& asset, std::int64_t now_ms) const {
  const auto* title = index_.find(asset);
  if (title == nullptr || !title->lease) return true;
  return log_.clock(now_ms).ok() && trust::at_home(*title, now_ms);
}

void Titles::each_away(std::int64_t now_ms, const std::function<void(const Place&, bool)>& told) {
  std::erase_if(away_, [&](const trust::AssetId& asset) {
    const bool back = at_home(asset, now_ms);
    if (const auto at = places_.find(asset); at != places_.end()) told(at->second, back);
    return back;
  });
}

// --- Showing ---------------------------------------------------------------------------------------------------------

Json Titles::standing(const trust::Title& title) const {
  const std::string owner = crypto::multikey(title.head().owner);
  Json json{{"asset", trust::title_hash_text(title.asset)},
            {"content", trust::title_hash_text(title.content)},
            {"log", log_.origin()},
            {"sequence", title.sequence},
            {"index", title.head().index},
            {"owner", owner},
            {"custody", custody_of(title.head().owner)},
            {"final", title.head().index < log_.final_size()}};
  if (const auto keeper = keepers_.find(owner); json["custody"] == "home" && keeper != keepers_.end())
    if (const auto person = trust::parse_web_did(keeper->second); person.ok()) json["kept_by"] = person->authority();
  if (title.lease)
    json["lease"] = {{"host", title.lease->host}, {"from_s", title.lease->from_s}, {"until_s", title.lease->until_s}};
  return json;
}

Result<std::size_t> Titles::held_by(VisitorId visitor) const {
  if (!ready_) return failure(ErrorKind::unavailable, "the host is still reading its log");
  return owned_by(visitor).size();
}

void Titles::show(const trust::AssetId& asset, const Answer& answer) {
  const auto* title = index_.find(asset);
  if (!ready_) return answer(failure(ErrorKind::unavailable, "the host is still reading its log"));
  if (title == nullptr) return answer(failure(ErrorKind::not_found, "this log has no such title"));
  std::vector<std::uint64_t> indices;
  for (const auto& point : title->history) indices.push_back(point.index);
  log_.prove(std::move(indices), [shown = standing(*title), history = title->history,
                                  answer](const Result<trust::TitleProof>& proof) mutable {
    if (!proof.ok()) return answer(proof.error());
    Json steps = Json::array();
    for (std::size_t i = 0; i < proof->history.size(); ++i) {
      const auto& item = proof->history[i];
      Json inclusion = Json::array();
      for (const auto& hash : item.inclusion) inclusion.push_back(crypto::base64(hash));
      const auto record = trust::parse_title(item.record);
      steps.push_back({{"index", item.index},
                       {"kind", record.ok() ? name_of(record->form) : ""},
                       {"owner", crypto::multikey(history[i].owner)},
                       {"record", as_text(item.record)},
                       {"inclusion", std::move(inclusion)}});
    }
    shown["checkpoint"] = proof->checkpoint;
    shown["history"] = std::move(steps);
    answer(std::move(shown));
  });
}

std::vector<Titles::Final> Titles::take_final() {
  std::vector<Final> out;
  const std::uint64_t size = log_.final_size();
  while (!pending_.empty() && pending_.front().index < size) {
    out.push_back(pending_.front());
    pending_.pop_front();
  }
  return out;
}

}  // namespace mw::federation
