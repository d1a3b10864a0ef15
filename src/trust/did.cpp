#include "trust/did.h"

#include <algorithm>
#include <charconv>

#include "base/format.h"
#include "base/limits.h"
#include "crypto/multibase.h"

namespace mw::trust {
namespace {

constexpr std::string_view kKey = "did:key:", kWeb = "did:web:", kWebvh = "did:webvh:";
constexpr std::string_view kMultikeyContext = "https://w3id.org/security/multikey/v1";
constexpr std::size_t kScidChars = 46;  // base58btc of 34 bytes

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

// RFC 1123 labels. A name whose last label is a number would be an IPv4 address.
bool valid_host(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  std::string_view label;
  for (std::string_view rest = host;;) {
    const auto dot = rest.find('.');
    label = rest.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    if (!std::all_of(label.begin(), label.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '-'; }))
      return false;
    if (dot == rest.npos) break;
    rest.remove_prefix(dot + 1);
  }
  return !std::all_of(label.begin(), label.end(), is_digit);
}

bool valid_segment(std::string_view segment) {
  return !segment.empty() && segment != "." && segment != ".." &&
         std::all_of(segment.begin(), segment.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-'; });
}

int read_port(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || text.starts_with('0') || port < 1 || port > 65'535)
    return 0;
  return port;
}

Error bad_did(std::string_view why) { return invalid("did", std::string(why)); }

// A string member, or an error that names it.
Result<std::string> text_member(const Json& object, const char* name, const std::string& at) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_string()) return invalid(at + "/" + name, "expected a string");
  const auto& text = member->get_ref<const std::string&>();
  if (text.empty() || text.size() > limits::kDidBytes)
    return invalid(at + "/" + name, format("expected 1 to {} bytes", limits::kDidBytes));
  return text;
}

std::string absolute(std::string_view id, std::string_view did) {
  return id.starts_with('#') ? std::string(did) + std::string(id) : std::string(id);
}

// The key of a verification method; nothing for a kind that we do not use.
Result<std::optional<crypto::PublicKey>> method_key(const Json& method, const std::string& at) {
  const auto type = text_member(method, "type", at);
  if (!type.ok()) return type.error();
  Result<crypto::PublicKey> key = invalid("", "");
  std::string member = "publicKeyMultibase";
  if (*type == "Multikey" || *type == "Ed25519VerificationKey2020") {
    const auto text = text_member(method, "publicKeyMultibase", at);
    if (!text.ok()) return text.error();
    if (!text->starts_with("z6Mk")) return std::optional<crypto::PublicKey>();
    key = crypto::from_multikey(*text);
  } else if (*type == "JsonWebKey" || *type == "JsonWebKey2020") {
    const auto jwk = method.find("publicKeyJwk");
    if (jwk == method.end() || !jwk->is_object() || jwk->value("crv", Json()) != "Ed25519" ||
        jwk->value("kty", Json()) != "OKP" || !jwk->value("x", Json()).is_string())
      return std::optional<crypto::PublicKey>();
    member = "publicKeyJwk/x";
    const auto bytes = crypto::from_base64url((*jwk)["x"].get_ref<const std::string&>());
    key = bytes.ok() ? crypto::public_key(*bytes) : Result<crypto::PublicKey>(bytes.error());
  } else {
    return std::optional<crypto::PublicKey>();
  }
  if (!key.ok()) return invalid(at + "/" + member, key.error().message);
  return std::optional<crypto::PublicKey>(*key);
}

class Reader {
 public:
  Reader(const Json& document, std::string_view did) : json_(document) { document_.id = did; }

  Result<DidDocument> read() {
    if (!json_.is_object()) return invalid("", "expected a document of an identifier (an object)");
    const auto id = text_member(json_, "id", "");
    if (!id.ok()) return id.error();
    if (*id != document_.id)
      return invalid("/id", format("expected the document of {}, found that of another", document_.id));
    MW_TRY(methods());
    MW_TRY(relationship("assertionMethod", &DidDocument::Key::asserts));
    MW_TRY(relationship("authentication", &DidDocument::Key::authenticates));
    MW_TRY(names());
    MW_TRY(services());
    return std::move(document_);
  }

 private:
  // The array `name`; an empty one where there is none.
  Result<Json> array(const char* name) {
    const auto member = json_.find(name);
    if (member == json_.end()) return Json(Json::array());
    if (!member->is_array()) return invalid(format("/{}", name), "expected an array");
    if (member->size() > limits::kDidKeys)
      return Error{ErrorKind::too_large, format("/{}", name), format("expected at most {}", limits::kDidKeys)};
    return *member;
  }

  // Adds the method's key, if it is one of ours; gives its id.
  Result<std::string> add(const Json& method, const std::string& at) {
    if (!method.is_object()) return invalid(at, "expected a verification method (an object)");
    const auto id = text_member(method, "id", at);
    if (!id.ok()) return id.error();
    const auto controller = text_member(method, "controller", at);
    if (!controller.ok()) return controller.error();
    const auto key = method_key(method, at);
    if (!key.ok()) return key.error();
    std::string name = absolute(*id, document_.id);
    if (!name.starts_with(document_.id + "#") || *controller != document_.id || !key->has_value()) return name;
    if (find(name) != nullptr) return invalid(at + "/id", "the same id stands twice");
    if (document_.keys.size() >= limits::kDidKeys)
      return Error{ErrorKind::too_large, at, format("expected at most {} keys", limits::kDidKeys)};
    document_.keys.push_back({name, **key});
    return name;
  }

  DidDocument::Key* find(std::string_view id) {
    const auto found =
        std::find_if(document_.keys.begin(), document_.keys.end(), [id](const auto& key) { return key.id == id; });
    return found == document_.keys.end() ? nullptr : &*found;
  }

  Status methods() {
    const auto list = array("verificationMethod");
    if (!list.ok()) return list.error();
    for (std::size_t i = 0; i < list->size(); ++i) MW_TRY(add((*list)[i], format("/verificationMethod/{}", i)));
    return ok();
  }

  Status relationship(const char* name, bool DidDocument::Key::* flag) {
    const auto list = array(name);
    if (!list.ok()) return list.error();
    for (std::size_t i = 0; i < list->size(); ++i) {
      const Json& item = (*list)[i];
      std::string id;
      if (item.is_string()) {
        id = absolute(item.get_ref<const std::string&>(), document_.id);
      } else {
        auto added = add(item, format("/{}/{}", name, i));
        if (!added.ok()) return std::move(added).error();
        id = *std::move(added);
      }
      if (DidDocument::Key* key = find(id)) key->*flag = true;
    }
    return ok();
  }

  Status names() {
    const auto list = array("alsoKnownAs");
    if (!list.ok()) return list.error();
    for (std::size_t i = 0; i < list->size(); ++i) {
      const Json& name = (*list)[i];
      if (!name.is_string() || name.get_ref<const std::string&>().size() > limits::kDidBytes)
        return invalid(format("/alsoKnownAs/{}", i),
                       format("expected a string of at most {} bytes", limits::kDidBytes));
      document_.also_known_as.push_back(name.get<std::string>());
    }
    return ok();
  }

  // Services whose endpoint is one address; others are passed over.
  Status services() {
    const auto list = array("service");
    if (!list.ok()) return list.error();
    for (std::size_t i = 0; i < list->size(); ++i) {
      const std::string at = format("/service/{}", i);
      const Json& service = (*list)[i];
      if (!service.is_object()) return invalid(at, "expected a service (an object)");
      const auto id = text_member(service, "id", at);
      if (!id.ok()) return id.error();
      const auto type = service.find("type"), endpoint = service.find("serviceEndpoint");
      if (type == service.end() || endpoint == service.end() || !type->is_string() || !endpoint->is_string()) continue;
      document_.services.push_back(
          {absolute(*id, document_.id), type->get<std::string>(), endpoint->get<std::string>()});
    }
    return ok();
  }

  const Json& json_;
  DidDocument document_;
};

}  // namespace

std::string did_key(const crypto::PublicKey& key) { return std::string(kKey) + crypto::multikey(key); }

Result<crypto::PublicKey> key_of_did_key(std::string_view did) {
  if (!did.starts_with(kKey)) return bad_did("expected a did:key");
  auto key = crypto::from_multikey(did.substr(kKey.size()));
  if (!key.ok()) return bad_did(key.error().message);
  return key;
}

std::string did_key_method(const crypto::PublicKey& key) { return did_key(key) + "#" + crypto::multikey(key); }

Result<crypto::PublicKey> key_of_did_key_method(std::string_view method) {
  const auto hash = method.find('#');
  auto key = key_of_did_key(method.substr(0, hash));
  if (key.ok() && method != did_key_method(*key)) return bad_did("expected the key of the did:key after the #");
  return key;
}

std::string WebDid::authority() const { return port == 0 ? host : format("{}:{}", host, port); }

std::string WebDid::text() const {
  std::string out = is_webvh() ? format("{}{}:{}", kWebvh, scid, host) : format("{}{}", kWeb, host);
  if (port != 0) out += format("%3A{}", port);
  for (const auto& segment : path) out += ":" + segment;
  return out;
}

std::string WebDid::origin() const {
  const bool here = host == "localhost" || host.ends_with(".localhost");
  return (here ? "http://" : "https://") + authority();
}

std::string WebDid::url(std::string_view file) const {
  std::string out = origin() + "/";
  if (path.empty()) out += ".well-known/";
  for (const auto& segment : path) out += segment + "/";
  return out + std::string(file);
}

Result<WebDid> parse_web_did(std::string_view did) {
  if (did.size() > limits::kDidBytes) return bad_did(format("expected at most {} bytes", limits::kDidBytes));
  WebDid result;
  std::string_view rest = did;
  // The segment up to the next colon.
  const auto next = [&rest] {
    const auto colon = rest.find(':');
    const auto segment = rest.substr(0, colon);
    rest.remove_prefix(colon == rest.npos ? rest.size() : colon);
    return segment;
  };
  if (did.starts_with(kWebvh)) {
    rest.remove_prefix(kWebvh.size());
    result.scid = next();
    const auto bytes = crypto::from_base58btc(result.scid, 34);
    if (result.scid.size() != kScidChars || !bytes.ok() || bytes->size() != 34 || (*bytes)[0] != 0x12 ||
        (*bytes)[1] != 0x20)
      return bad_did("expected the hash of its first entry (46 characters of base58btc) after did:webvh:");
    if (rest.empty()) return bad_did("expected a host name after the hash");
    rest.remove_prefix(1);
  } else if (did.starts_with(kWeb)) {
    rest.remove_prefix(kWeb.size());
  } else {
    return bad_did("expected a did:web or did:webvh");
  }
  const std::string_view place = next();
  const auto port = place.find("%3A");
  result.host = place.substr(0, port);
  if (port != place.npos) result.port = read_port(place.substr(port + 3));
  if (!valid_host(result.host)) return bad_did("expected a host name in lower case");
  if (port != place.npos && result.port == 0) return bad_did("expected a port after %3A");
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view segment = next();
    if (!valid_segment(segment)) return bad_did("expected letters, digits, '.', '_' and '-' in the path");
    result.path.emplace_back(segment);
  }
  return result;
}

Result<std::string> did_web(std::string_view authority) {
  WebDid did;
  const auto colon = authority.find(':');
  did.host = authority.substr(0, colon);
  if (colon != authority.npos) did.port = read_port(authority.substr(colon + 1));
  if (!valid_host(did.host)) return bad_did("expected a host name in lower case, not an address");
  if (colon != authority.npos && did.port == 0) return bad_did("expected a port after the colon");
  return did.text();
}

std::string_view name_of(Purpose purpose) {
  return purpose == Purpose::assertion ? "assertionMethod" : "authentication";
}

Result<crypto::PublicKey> DidDocument::key(std::string_view method, Purpose purpose) const {
  for (const Key& candidate : keys) {
    if (candidate.id != method) continue;
    if (purpose == Purpose::assertion ? candidate.asserts : candidate.authenticates) return candidate.key;
    return failure(ErrorKind::not_found, format("the key {} of {} is not for {}", method, id, name_of(purpose)));
  }
  return failure(ErrorKind::not_found, format("{} has no key {}", id, method));
}

Result<DidDocument> read_did_document(const Json& document, std::string_view did) {
  return Reader(document, did).read();
}

Json to_json(const DidDocument& document) {
  Json json = Json::object();
  json["@context"] = Json::array({"https://www.w3.org/ns/did/v1", kMultikeyContext});
  json["id"] = document.id;
  if (!document.also_known_as.empty()) json["alsoKnownAs"] = document.also_known_as;
  for (const auto& key : document.keys) {
    Json method = Json::object();
    method["id"] = key.id;
    method["type"] = "Multikey";
    method["controller"] = document.id;
    method["publicKeyMultibase"] = crypto::multikey(key.key);
    json["verificationMethod"].push_back(std::move(method));
    if (key.asserts) json["assertionMethod"].push_back(key.id);
    if (key.authenticates) json["authentication"].push_back(key.id);
  }
  for (const auto& service : document.services) {
    Json item = Json::object();
    item["id"] = service.id;
    item["type"] = service.type;
    item["serviceEndpoint"] = service.endpoint;
    json["service"].push_back(std::move(item));
  }
  return json;
}

}  // namespace mw::trust
