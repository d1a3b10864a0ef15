#include "trust/visit.h"

#include <algorithm>

#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/canonical.h"
#include "trust/time.h"
#include "trust/visit_form.h"

namespace mw::trust {
namespace {

using visit::refuse;

constexpr std::string_view kVisitType = "VisitCredential", kChallengeType = "VisitChallenge";

Result<const Json*> object_member(const Json& object, const char* name, std::string_view at) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_object()) return refuse(format("{}{}", at, name), "expected an object");
  return &*member;
}

Result<std::optional<VisitFigure>> read_figure(const Json& profile) {
  const auto member = profile.find("figure");
  if (member == profile.end()) return std::optional<VisitFigure>();
  if (!member->is_object()) return refuse("profile/figure", "expected an object");
  VisitFigure figure;
  auto hash = visit::text_member(*member, "hash", "profile/figure/");
  if (!hash.ok()) return std::move(hash).error();
  const bool digits = hash->size() == 64 && std::all_of(hash->begin(), hash->end(), [](char c) {
                        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                      });
  if (!digits) return refuse("profile/figure/hash", "expected 64 hexadecimal digits");
  figure.hash = *std::move(hash);
  auto right = visit::text_member(*member, "right", "profile/figure/");
  if (!right.ok()) return std::move(right).error();
  if (*right != "author" && *right != "licensed" && *right != "free")
    return refuse("profile/figure/right", "expected author, licensed or free");
  figure.right = *std::move(right);
  return std::optional(std::move(figure));
}

Result<VisitProfile> read_profile(const Json& subject) {
  const auto json = object_member(subject, "profile", "");
  if (!json.ok()) return json.error();
  VisitProfile profile;
  const auto name = visit::text_member(**json, "name", "profile/");
  if (!name.ok()) return name.error();
  auto clean = clean_name(*name);
  if (!clean.ok()) return refuse("profile/name", clean.error().message);
  profile.name = *std::move(clean);
  auto language = visit::text_member(**json, "language", "profile/");
  if (!language.ok()) return std::move(language).error();
  const bool tag = language->size() <= 35 && std::all_of(language->begin(), language->end(), [](char c) {
                     return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
                   });
  if (!tag) return refuse("profile/language", "expected a language tag such as en or zh-Hans");
  profile.language = *std::move(language);
  const auto avatar = object_member(**json, "avatar", "profile/");
  if (!avatar.ok()) return avatar.error();
  profile.avatar = **avatar;
  auto figure = read_figure(**json);
  if (!figure.ok()) return std::move(figure).error();
  profile.figure = *std::move(figure);
  return profile;
}

Result<std::vector<CarriedThing>> read_carried(const Json& subject) {
  std::vector<CarriedThing> things;
  const auto list = subject.find("carried");
  if (list == subject.end()) return things;
  if (!list->is_array() || list->size() > limits::kVisitCarried)
    return refuse("carried", format("expected an array of at most {} things", limits::kVisitCarried));
  things.reserve(list->size());
  for (const Json& item : *list) {
    if (!item.is_object()) return refuse("carried", "expected objects");
    auto asset = visit::text_member(item, "asset", "carried/");
    if (!asset.ok()) return std::move(asset).error();
    auto log = visit::text_member(item, "log", "carried/");
    if (!log.ok()) return std::move(log).error();
    if (std::any_of(things.begin(), things.end(), [&](const auto& thing) { return thing.asset == *asset; }))
      return refuse("carried", "expected no thing twice");
    const auto thing = item.find("thing");
    if (thing != item.end() && !thing->is_object()) return refuse("carried/thing", "expected an object");
    std::string host;
    if (item.contains("host")) {
      auto named = visit::text_member(item, "host", "carried/");
      if (!named.ok()) return std::move(named).error();
      if (!did_web(*named).ok()) return refuse("carried/host", "expected the name of a host");
      host = *std::move(named);
    }
    std::string custody = "home";
    if (item.contains("custody")) {
      auto said = visit::text_member(item, "custody", "carried/");
      if (!said.ok()) return std::move(said).error();
      if (*said != "home" && *said != "holder") return refuse("carried/custody", "expected home or holder");
      custody = *std::move(said);
    }
    things.push_back({*std::move(asset), *std::move(log), thing == item.end() ? Json::object() : *thing,
                      std::move(host), custody == "holder"});
  }
  return things;
}

// A home speaks for the people whose identifier lives at its own host.
Status check_parties(std::string_view home, std::string_view person) {
  const auto host = parse_web_did(home);
  if (!host.ok() || host->is_webvh() || !host->path.empty()) return refuse("issuer", "expected the did:web of a host");
  const auto subject = parse_web_did(person);
  if (!subject.ok() || !subject->is_webvh())
    return refuse("credentialSubject/id", "expected the did:webvh of a person");
  if (subject->authority() != host->authority())
    return refuse("credentialSubject/id",
                  format("{} speaks for a person whose home is {}", host->authority(), subject->authority()));
  return ok();
}

}  // namespace

namespace visit {

Result<std::string> text_member(const Json& object, const char* name, std::string_view at) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_string()) return refuse(format("{}{}", at, name), "expected a string");
  const auto& text = member->get_ref<const std::string&>();
  if (text.empty() || text.size() > limits::kDidBytes)
    return refuse(format("{}{}", at, name), format("expected 1 to {} bytes", limits::kDidBytes));
  return text;
}

Result<std::int64_t> time_member(const Json& object, const char* name, std::string_view at) {
  const auto text = text_member(object, name, at);
  if (!text.ok()) return text.error();
  const auto time = parse_time(*text);
  if (!time.ok()) return refuse(format("{}{}", at, name), time.error().message);
  return *time;
}

Json to_json(const Visit& visit) {
  Json answers = Json::object();
  answers["audience"] = visit.answers.audience;
  answers["nonce"] = visit.answers.nonce;
  answers["sessionKey"] = visit.answers.session_key;
  answers["world"] = visit.answers.world;
  Json profile = Json::object();
  profile["name"] = visit.profile.name;
  profile["language"] = visit.profile.language;
  profile["avatar"] = visit.profile.avatar;
  if (const auto& figure = visit.profile.figure) profile["figure"] = {{"hash", figure->hash}, {"right", figure->right}};
  Json carried = Json::array();
  for (const auto& thing : visit.carried) {
    Json item = Json::object();
    item["asset"] = thing.asset;
    item["log"] = thing.log;
    if (!thing.thing.empty()) item["thing"] = thing.thing;
    if (!thing.host.empty()) item["host"] = thing.host;
    if (thing.held) item["custody"] = "holder";
    carried.push_back(std::move(item));
  }
  Json subject = Json::object();
  subject["id"] = visit.person;
  subject["visit"] = std::move(answers);
  subject["profile"] = std::move(profile);
  subject["carried"] = std::move(carried);
  Json json = Json::object();
  json["@context"] =
      Json::array({"https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/undefined-terms/v2"});
  json["type"] = Json::array({"VerifiableCredential", kVisitType});
  json["issuer"] = visit.home;
  json["validFrom"] = format_time(visit.from_ms);
  json["validUntil"] = format_time(visit.until_ms);
  json["credentialSubject"] = std::move(subject);
  return json;
}

Result<Visit> read(const Json& credential) {
  if (!credential.is_object()) return refuse("", "expected a credential (an object)");
  const auto type = credential.find("type");
  if (type == credential.end() || *type != Json::array({"VerifiableCredential", kVisitType}))
    return refuse("type", "expected VerifiableCredential and VisitCredential");
  Visit out;
  const auto take = [](auto result, auto& into) -> Status {
    if (!result.ok()) return std::move(result).error();
    into = *std::move(result);
    return ok();
  };
  MW_TRY(take(text_member(credential, "issuer", ""), out.home));
  MW_TRY(take(time_member(credential, "validFrom", ""), out.from_ms));
  MW_TRY(take(time_member(credential, "validUntil", ""), out.until_ms));
  const auto subject = object_member(credential, "credentialSubject", "");
  if (!subject.ok()) return subject.error();
  MW_TRY(take(text_member(**subject, "id", "credentialSubject/"), out.person));
  const auto answers = object_member(**subject, "visit", "");
  if (!answers.ok()) return answers.error();
  MW_TRY(take(text_member(**answers, "audience", "visit/"), out.answers.audience));
  MW_TRY(take(text_member(**answers, "nonce", "visit/"), out.answers.nonce));
  MW_TRY(take(text_member(**answers, "sessionKey", "visit/"), out.answers.session_key));
  MW_TRY(take(text_member(**answers, "world", "visit/"), out.answers.world));
  MW_TRY(take(read_profile(**subject), out.profile));
  MW_TRY(take(read_carried(**subject), out.carried));
  MW_TRY(check_parties(out.home, out.person));
  return out;
}

}  // namespace visit

std::string jwk_thumbprint(const crypto::PublicKey& key) {
  const std::string jwk = format(R"({{"crv":"Ed25519","kty":"OKP","x":"{}"}})", crypto::base64url(key.bytes));
  return crypto::base64url(crypto::sha256(as_bytes(jwk)));
}

Result<std::string> challenged_by(const Json& challenge) {
  if (!challenge.is_object()) return refuse("", "expected a challenge (an object)");
  auto audience = visit::text_member(challenge, "audience", "");
  if (!audience.ok()) return std::move(audience).error();
  const auto did = parse_web_did(*audience);
  if (!did.ok() || did->is_webvh() || !did->path.empty()) return refuse("audience", "expected the did:web of a host");
  return audience;
}

Result<VisitChallenge> check_challenge(const Json& challenge, const DidDocument& destination, std::int64_t now_ms) {
  auto audience = challenged_by(challenge);
  if (!audience.ok()) return std::move(audience).error();
  if (*audience != destination.id)
    return refuse("audience", format("{} asks in the name of {}", destination.id, *audience));
  if (challenge.value("type", Json()) != kChallengeType) return refuse("type", "expected VisitChallenge");
  VisitChallenge out;
  out.audience = *std::move(audience);
  for (const auto& [name, field] : {std::pair("nonce", &out.nonce), std::pair("sessionKey", &out.session_key),
                                    std::pair("world", &out.world), std::pair("returnTo", &out.return_to)}) {
    auto text = visit::text_member(challenge, name, "");
    if (!text.ok()) return std::move(text).error();
    *field = *std::move(text);
  }
  const auto expires = visit::time_member(challenge, "expires", "");
  if (!expires.ok()) return expires.error();
  out.expires_ms = *expires;
  if (*expires < now_ms - limits::kClockSkewMs) return refuse("expires", "the challenge has expired");
  if (*expires > now_ms + limits::kVisitMs + limits::kClockSkewMs)
    return refuse("expires", format("expected at most {} s from now", limits::kVisitMs / 1'000));
  // The answer holds a person's profile, so it goes to the destination's own origin and nowhere else.
  const std::string origin = parse_web_did(out.audience)->origin() + "/";
  if (!out.return_to.starts_with(origin) ||
      std::any_of(out.return_to.begin(), out.return_to.end(), [](char c) { return c <= ' ' || c == '\\' || c > '~'; }))
    return refuse("returnTo", format("expected an address that begins with {}", origin));
  const auto proofs = verify_proofs(challenge, [&](std::string_view method, Purpose purpose) {
    auto key = destination.key(method, purpose);
    if (key.ok()) out.key = *key;
    return key;
  });
  if (!proofs.ok()) return refuse("proof", proofs.error().text());
  return out;
}

Result<Json> issue_visit(const Visit& visit, std::string_view method, const Sign& sign, std::int64_t now_ms) {
  Proof proof;
  proof.method = method;
  proof.created_ms = now_ms;
  auto credential = add_proof(visit::to_json(visit), proof, sign);
  if (!credential.ok()) return std::move(credential).error();
  // What a destination would refuse for its form is a mistake here, and is found here.
  if (const auto read = visit::read(*credential); !read.ok()) return invalid(read.error().field, read.error().message);
  if (data::to_text(*credential).size() > limits::kVisitBytes)
    return Error{ErrorKind::too_large, "", format("expected at most {} bytes", limits::kVisitBytes)};
  return credential;
}

Result<std::string> arrival_text(std::string_view audience, std::string_view fresh_nonce, const Json& credential) {
  const auto text = crypto::canonical_json(credential);
  if (!text.ok()) return text.error();
  return format("manyworlds arrival 1\n{}\n{}\n{}", audience, fresh_nonce,
                crypto::base64url(crypto::sha256(as_bytes(*text))));
}

Result<VisitParties> visit_parties(const Json& credential) {
  auto read = visit::read(credential);
  if (!read.ok()) return std::move(read).error();
  return VisitParties{std::move(read->home), std::move(read->person)};
}

}  // namespace mw::trust
