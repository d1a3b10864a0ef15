// The two sides of a visit: at home, and at the destination.
#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/limits.h"
#include "federation/travel_state.h"
#include "trust/carried.h"
#include "trust/did.h"

namespace mw::federation {
namespace {

constexpr std::size_t kNonceBytes = 24;

Error unreachable(std::string_view what, const Error& error) {
  return Error{ErrorKind::unavailable, "", format("{}: {}", what, error.text())};
}

// A did:web of a host itself. Error `forbidden`.
Result<trust::WebDid> host_of(std::string_view did, std::string_view field) {
  auto place = trust::parse_web_did(did);
  if (!place.ok() || place->is_webvh() || !place->path.empty())
    return Error{ErrorKind::forbidden, std::string(field), "expected the did:web of a host"};
  return place;
}

}  // namespace

void Travel::State::with_document(const std::string& host, std::int64_t now_ms, Done<trust::DidDocument> done) {
  const auto kept = documents.find(host);
  if (kept != documents.end() && now_ms - kept->second.fetched_ms < limits::kTravelDocumentMs &&
      now_ms >= kept->second.fetched_ms)
    return done(kept->second.document);
  const auto place = host_of(host, "issuer");
  if (!place.ok()) return done(place.error());
  setup.fetch(place->url("did.json"), limits::kDidDocumentBytes,
              [this, host, now_ms, name = place->authority(), done = std::move(done)](Result<std::string> body) {
                if (!body.ok()) return done(unreachable(format("{} cannot be asked who it is", name), body.error()));
                const auto json = data::parse_json(*body);
                if (!json.ok()) return done(unreachable(format("{} does not say who it is", name), json.error()));
                auto document = trust::read_did_document(*json, host);
                if (!document.ok())
                  return done(unreachable(format("{} does not say who it is", name), document.error()));
                // Any is as good as another to make room: all are of the last minute, or would be fetched again.
                if (documents.size() >= limits::kTravelDocuments) documents.erase(documents.begin());
                documents[host] = {*document, now_ms};
                done(*std::move(document));
              });
}

void Travel::State::with_person(const std::string& person, std::int64_t now_ms, Done<trust::Webvh> done) {
  const auto place = trust::parse_web_did(person);
  if (!place.ok()) return done(place.error());
  setup.fetch(place->url("did.jsonl"), limits::kWebvhLogBytes,
              [this, person, now_ms, place = *place, done = std::move(done)](Result<std::string> lines) {
                if (!lines.ok()) return done(unreachable("the home does not show the person's history", lines.error()));
                auto read = trust::read_webvh(*lines, person, "", now_ms);
                if (read.ok() || read.error().kind != ErrorKind::not_found) return done(std::move(read));
                // Its versions have witnesses, whose approvals stand in a file of their own.
                setup.fetch(place.url("did-witness.json"), limits::kWebvhWitnessFileBytes,
                            [person, now_ms, lines = *std::move(lines), done](Result<std::string> witnesses) {
                              if (!witnesses.ok())
                                return done(unreachable("the person's witnesses are not shown", witnesses.error()));
                              done(trust::read_webvh(lines, person, *witnesses, now_ms));
                            });
              });
}

void Travel::document(const std::string& did, std::int64_t now_ms, Done<trust::DidDocument> done) {
  state_->with_document(did, now_ms, std::move(done));
}

void Travel::log_key(const std::string& host, const std::string& log, std::int64_t now_ms,
                     Done<crypto::PublicKey> done) {
  const auto did = trust::did_web(host);
  if (!did.ok()) return done(did.error());
  if (const auto may = admits(host); !may.ok()) return done(may.error());
  state_->with_document(*did, now_ms, [log, host, done = std::move(done)](const Result<trust::DidDocument>& document) {
    if (!document.ok()) return done(document.error());
    for (const auto& key : document->keys)
      if (key.asserts && trust::log_origin(key.key) == log) return done(key.key);
    done(Error{ErrorKind::forbidden, "carried/log", format("{} is not the log of {}", log, host)});
  });
}

// --- At home ---------------------------------------------------------------------------------------------------------

void Travel::asked(const Json& challenge, const std::string& account, std::int64_t now_ms, Done<Asked> done) {
  auto& s = *state_;
  auto audience = trust::challenged_by(challenge);
  if (!audience.ok()) return done(audience.error());
  const auto place = host_of(*audience, "audience");
  if (!place.ok()) return done(place.error());
  s.with_document(
      *audience, now_ms,
      [&s, challenge, account, now_ms, place = *place, done = std::move(done)](Result<trust::DidDocument> document) {
        if (!document.ok()) return done(document.error());
        auto checked = trust::check_challenge(challenge, *document, now_ms);
        if (!checked.ok()) return done(checked.error());
        Asked asked{*std::move(checked), place.authority(), place.origin(), false};
        const auto known = s.consents.find(account);
        asked.remembered = known != s.consents.end() && known->second.contains(asked.authority);
        done(std::move(asked));
      });
}

void Travel::answer(const Json& challenge, Telling telling, std::int64_t now_ms, Done<Answer> done) {
  auto& s = *state_;
  const std::string account = telling.account;
  asked(challenge, account, now_ms,
        [&s, telling = std::move(telling), now_ms, done = std::move(done)](Result<Asked> asked) mutable {
          if (!asked.ok()) return done(asked.error());
          trust::Visit visit;
          visit.home = s.did;
          visit.person = std::move(telling.person);
          visit.answers = asked->challenge;
          visit.profile = std::move(telling.profile);
          visit.carried = std::move(telling.carried);
          visit.from_ms = now_ms / 1'000 * 1'000;
          visit.until_ms = std::min(visit.from_ms + limits::kVisitMs, asked->challenge.expires_ms);
          auto credential = trust::issue_visit(visit, s.setup.method, s.setup.sign, now_ms);
          if (!credential.ok()) return done(credential.error());
          ++s.stats.issued;
          Answer answer{*std::move(credential), asked->challenge.return_to};
          if (!telling.remember || asked->remembered) return done(std::move(answer));
          auto& hosts = s.consents[telling.account];
          if (hosts.size() >= limits::kTravelConsents)
            return done(failure(ErrorKind::full, "too many hosts are remembered; take one back"));
          hosts[asked->authority] = now_ms;
          records::Batch batch;
          batch.puts.emplace_back(std::string(kConsentPrefix) + telling.account, consent_text(hosts));
          s.write(std::move(batch), [answer = std::move(answer), done](const Status& status) mutable {
            done(status.ok() ? Result<Answer>(std::move(answer)) : Result<Answer>(status.error()));
          });
        });
}

// --- At the destination ----------------------------------------------------------------------------------------------

void Travel::challenge(const Wish& wish, std::int64_t now_ms, Done<Challenge> done) {
  auto& s = *state_;
  const auto home = trust::did_web(wish.home);
  if (!home.ok()) return done(invalid("home", home.error().message));
  if (*home == s.did) return done(invalid("home", "this host is the home: log in here"));
  const auto ask = [&s, wish, now_ms, did = *home, done](const Status& admitted) {
    if (!admitted.ok()) return done(s.refused(admitted.error()));
    s.with_document(
        did, now_ms,
        [&s, wish, now_ms, origin = trust::parse_web_did(did)->origin(), done](Result<trust::DidDocument> document) {
          if (!document.ok()) return done(s.refused(document.error()));
          std::array<Byte, 16> entropy{};
          s.setup.entropy(entropy);
          auto made =
              s.desk.challenge(wish.session_key, wish.world, wish.path, entropy, s.setup.method, s.setup.sign, now_ms);
          if (!made.ok()) return done(made.error());
          done(Challenge{*std::move(made), origin + "/visit"});
        });
  };
  s.with_admission(*this, wish.home, now_ms, ask);
}

std::string Travel::nonce(SessionId session) {
  Bytes bytes(kNonceBytes);
  state_->setup.entropy(bytes);
  return state_->nonces[session] = crypto::base64url(bytes);
}

void Travel::forget(SessionId session) { state_->nonces.erase(session); }

void Travel::arrive(Arriving arriving, std::int64_t now_ms, Done<Arrival> done) {
  auto& s = *state_;
  const auto refuse = [&s](std::string field, std::string why) {
    return s.refused(Error{ErrorKind::forbidden, std::move(field), std::move(why)});
  };
  const auto nonce = s.nonces.find(arriving.session);
  if (nonce == s.nonces.end()) return done(refuse("nonce", "this session has asked for no nonce, or has used it"));
  const std::string fresh = std::exchange(nonce->second, "");
  s.nonces.erase(nonce);
  auto parties = trust::visit_parties(arriving.credential);
  if (!parties.ok()) return done(s.refused(parties.error()));
  const auto home = host_of(parties->home, "issuer");
  if (!home.ok()) return done(s.refused(home.error()));
  if (const auto ban = s.bans.find(parties->person); ban != s.bans.end())
    return done(refuse("person", "may not come here" + (ban->second.reason.empty() ? "" : ": " + ban->second.reason)));
  const auto admit = [&s, now_ms, fresh, authority = home->authority(), done](
                         const Arriving& who, const trust::DidDocument& document, const trust::Webvh& person) {
    const auto known = s.travellers.find(person.did);
    const std::size_t versions = known == s.travellers.end() ? 0 : known->second.versions;
    auto visit =
        s.desk.admit(who.credential, {document, person, versions, who.session_key, fresh, who.signature}, now_ms);
    if (!visit.ok()) return done(s.refused(visit.error()));
    Arrival arrival{*std::move(visit), authority, {}, person.versions.size()};
    if (known != s.travellers.end()) arrival.known = known->second.visitor;
    done(std::move(arrival));
  };
  const auto look = [&s, now_ms, admit, done, parties = *parties,
                     arriving = std::move(arriving)](const Status& admitted) {
    if (!admitted.ok()) return done(s.refused(admitted.error()));
    s.with_document(parties.home, now_ms,
                    [&s, now_ms, admit, done, person = parties.person, arriving](Result<trust::DidDocument> document) {
                      if (!document.ok()) return done(s.refused(document.error()));
                      s.with_person(
                          person, now_ms,
                          [&s, admit, done, document = *std::move(document), arriving](Result<trust::Webvh> history) {
                            if (!history.ok()) return done(s.refused(history.error()));
                            admit(arriving, document, *history);
                          });
                    });
  };
  s.with_admission(*this, home->authority(), now_ms, look);
}

}  // namespace mw::federation
