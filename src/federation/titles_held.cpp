// Inside of titles.h: whose key a title belongs to, and the titles of people who hold their key themselves.
#include <algorithm>
#include <utility>

#include "crypto/multibase.h"
#include "federation/titles.h"
#include "trust/lease.h"

namespace mw::federation {

// --- Whose key -------------------------------------------------------------------------------------------------------

crypto::PublicKey Titles::receives(VisitorId visitor) const {
  const auto* held = held_.of(visitor);
  return held != nullptr && held->holds ? held->key : key_for(visitor);
}

std::vector<trust::AssetId> Titles::owned_with(const crypto::PublicKey& key) const {
  const auto at = owned_.find(key.bytes);
  if (at == owned_.end()) return {};
  return {at->second.begin(), at->second.end()};
}

std::vector<trust::AssetId> Titles::kept_for(VisitorId by) const { return owned_with(key_for(by)); }

std::vector<trust::AssetId> Titles::held_for(VisitorId by) const {
  const auto* held = held_.of(by);
  return held == nullptr ? std::vector<trust::AssetId>() : owned_with(held->key);
}

std::vector<trust::AssetId> Titles::owned_by(VisitorId by) const {
  auto all = held_for(by);
  const auto kept = kept_for(by);
  all.insert(all.end(), kept.begin(), kept.end());
  return all;
}

bool Titles::owns(VisitorId by, const trust::AssetId& asset) const {
  const auto* title = index_.find(asset);
  const auto* held = held_.of(by);
  return title != nullptr &&
         (title->head().owner == key_for(by) || (held != nullptr && title->head().owner == held->key));
}

std::string_view Titles::custody_of(const crypto::PublicKey& owner) const {
  // What another host says of a key that somebody here holds does not count.
  return !held_.owner_of(owner) && keepers_.contains(crypto::multikey(owner)) ? "home" : "holder";
}

std::string_view Titles::custody_of(const trust::AssetId& asset) const {
  const auto* title = index_.find(asset);
  return title == nullptr ? "home" : custody_of(title->head().owner);
}

Status Titles::may_hold(const crypto::PublicKey& key) const {
  if (!ready_) return failure(ErrorKind::unavailable, "the host is still reading its log");
  if (custody_of(key) == "holder") return ok();
  return Error{ErrorKind::conflict, "key", "a home keeps this key"};
}

// --- Signatures ------------------------------------------------------------------------------------------------------

Result<crypto::Signature> Titles::signature_of_owner(VisitorId by, const trust::Title& title,
                                                     std::string_view statement, const Signed& signature) const {
  const auto kept = key_of_(by);
  if (kept.public_key() == title.head().owner) return kept.sign(as_bytes(statement));
  if (!owns(by, title.asset)) return failure(ErrorKind::forbidden, "one of the titles is not theirs");
  if (!signature)
    return Error{ErrorKind::forbidden, "signature", "the owner holds the key of this title: they sign it themselves"};
  if (!crypto::verify(title.head().owner, as_bytes(statement), *signature))
    return Error{ErrorKind::forbidden, "signature",
                 "is not by the title's key, or of what was true a moment ago: try again"};
  return *signature;
}

Result<trust::TitleRecord> Titles::signed_by_owner(VisitorId by, const trust::Title& title,
                                                   const trust::TitleForm& form, const Signed& signature) const {
  const auto statement = trust::title_statement(log_.origin(), form);
  if (!statement.ok()) return statement.error();
  const auto made = signature_of_owner(by, title, *statement, signature);
  if (!made.ok()) return made.error();
  return trust::title_record(log_.origin(), form, {*made});
}

Status Titles::signs(const Trading& own, const Trading& other) const {
  const auto form = trade_form(own, other);
  if (!form.ok()) return form.error();
  const auto statement = trust::title_statement(log_.origin(), *form);
  if (!statement.ok()) return statement.error();
  const auto made = signature_of_owner(own.who, *index_.find(own.gives), *statement, own.signature);
  return made.ok() ? ok() : Status(made.error());
}

// --- From one key to the other ---------------------------------------------------------------------------------------

Result<trust::TitleRotate> Titles::rotate_form(VisitorId by, const trust::AssetId& asset, bool to_holder,
                                               std::int64_t now_ms) const {
  const auto* held = held_.of(by);
  if (held == nullptr) return failure(ErrorKind::not_found, "you have given this host no key of your own");
  const auto* title = index_.find(asset);
  if (title == nullptr) return failure(ErrorKind::not_found, "this log has no such title");
  if (!owns(by, asset)) return failure(ErrorKind::forbidden, "this title is not yours");
  const auto to = to_holder ? held->key : key_for(by);
  if (title->head().owner == to) return failure(ErrorKind::conflict, "its key is there already");
  if (flying_.contains(asset)) return failure(ErrorKind::conflict, "it is about to move; try again in a moment");
  // The lease stays as it is, and whoever shows the thing has checked it against the owner of then.
  if (!at_home(asset, now_ms)) return failure(ErrorKind::conflict, "it is at another host for now: call it home first");
  return trust::TitleRotate{{asset, title->sequence + 1, title->head().record, to}};
}

void Titles::rotate(VisitorId by, const trust::AssetId& asset, bool to_holder, const crypto::Signature& signature,
                    std::int64_t now_ms, Answer answer) {
  Puts puts;
  kept_key(by, puts);
  keep_then(std::move(puts),
            [this, by, asset, to_holder, signature, now_ms, answer = std::move(answer)](const Status& stored) {
              if (!stored.ok()) return answer(stored.error());
              const auto form = rotate_form(by, asset, to_holder, now_ms);
              if (!form.ok()) return answer(form.error());
              const auto statement = trust::title_statement(log_.origin(), *form);
              if (!statement.ok()) return answer(statement.error());
              const auto own = key_of_(by).sign(as_bytes(*statement));
              // The old key signs first.
              const auto made = trust::title_record(
                  log_.origin(), *form, to_holder ? std::vector{own, signature} : std::vector{signature, own});
              if (!made.ok()) return answer(made.error());
              if (const auto may = may_record(*made); !may.ok()) return answer(may.error());
              append(by, *made, answer);
            });
}

void Titles::creation(const trust::AssetId& asset, std::function<void(Result<std::string>)> done) {
  const auto at = created_.find(asset);
  if (at == created_.end()) return done(failure(ErrorKind::not_found, "this log has no such title"));
  log_.read(at->second, [done = std::move(done), alive = alive_](const Result<std::vector<Bytes>>& entries) {
    if (!*alive) return;
    if (!entries.ok()) return done(entries.error());
    if (entries->empty()) return done(failure(ErrorKind::unavailable, "the log does not give its record"));
    done(std::string(as_text(entries->front())));
  });
}

}  // namespace mw::federation
