#include "server/identity.h"

#include "crypto/multibase.h"
#include "data/json.h"
#include "trust/did.h"

namespace mw::server {

Result<std::string> host_did(std::string_view public_url) {
  constexpr std::string_view kField = "public_url", kSecure = "https://", kPlain = "http://";
  if (public_url.empty())
    return Error{ErrorKind::not_found, std::string(kField), "other hosts know a host by its name; give one"};
  const bool secure = public_url.starts_with(kSecure);
  std::string_view authority = public_url;
  authority.remove_prefix(secure ? kSecure.size() : public_url.starts_with(kPlain) ? kPlain.size() : 0);
  if (authority.ends_with('/')) authority.remove_suffix(1);
  if (secure && authority.ends_with(":443")) authority.remove_suffix(4);
  auto did = trust::did_web(authority);
  if (!did.ok()) return invalid(std::string(kField), did.error().message);
  const auto place = trust::parse_web_did(*did);
  const bool local = place.ok() && (place->host == "localhost" || place->host.ends_with(".localhost"));
  if (!secure && !local) return invalid(std::string(kField), "other hosts reach a host by https:// alone");
  return did;
}

std::string identity_document(const std::string& did, const crypto::PublicKey& key, std::string_view public_url) {
  trust::DidDocument document;
  document.id = did;
  document.keys.push_back({did + "#" + crypto::multikey(key), key, true, true});
  std::string worlds(public_url);
  if (!worlds.ends_with('/')) worlds.push_back('/');
  document.services.push_back({did + "#worlds", "Manyworlds", std::move(worlds)});
  return data::to_text(trust::to_json(document));
}

}  // namespace mw::server
