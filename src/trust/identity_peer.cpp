// For tests against other implementations: each line of the input is a JSON object with "op", each line of the output the
// answer, {"error": "..."} where it was refused. Keys are numbers, so that both sides make the same ones: the seed of key n is
// 32 bytes of n. Times are the test's.
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include "base/format.h"
#include "crypto/canonical.h"
#include "crypto/multibase.h"
#include "trust/http_signature.h"
#include "trust/integrity.h"
#include "trust/webvh.h"

namespace {

using namespace mw;
using namespace mw::trust;

struct Key {
  explicit Key(const Json& number) : key(make(number.get<int>())), name(crypto::multikey(key.public_key())) {}
  static crypto::SigningKey make(int number) {
    const Bytes seed(32, static_cast<Byte>(number));
    return crypto::SigningKey::from_seed(std::span<const Byte, 32>(seed.data(), 32));
  }
  Sign sign() const {
    return [this](ByteView message) { return key.sign(message); };
  }
  crypto::SigningKey key;
  std::string name;
};

Json refused(const Error& error) {
  Json answer = Json::object();
  answer["error"] = error.text();
  return answer;
}

std::vector<std::string> names(const Json& numbers, bool hashed) {
  std::vector<std::string> out;
  for (const Json& number : numbers) out.push_back(hashed ? next_key_hash(Key(number).name) : Key(number).name);
  return out;
}

Json entry_answer(const Result<WebvhEntry>& entry) {
  if (!entry.ok()) return refused(entry.error());
  Json answer = Json::object();
  answer["line"] = entry->line;
  answer["did"] = entry->state.did;
  answer["versionId"] = entry->state.latest().id;
  return answer;
}

Json webvh_create(const Json& request) {
  WebvhParameters parameters;
  parameters.update_keys = names(request["updateKeys"], false);
  parameters.next_key_hashes = names(request["nextKeys"], true);
  parameters.portable = request.value("portable", false);
  for (const Json& witness : request.value("witnesses", Json::array()))
    parameters.witness.ids.push_back(did_key(Key(witness).key.public_key()));
  parameters.witness.threshold = request.value("threshold", std::size_t{0});
  WebDid place;
  place.host = request["host"].get<std::string>();
  place.path = request["path"].get<std::vector<std::string>>();
  Json document = request["document"];
  document["id"] = did_placeholder(place);
  const Key key(request["signer"]);
  return entry_answer(create_webvh(document, parameters, key.name, key.sign(), request["now"].get<std::int64_t>()));
}

Json webvh_update(const Json& request) {
  const auto now = request["now"].get<std::int64_t>();
  const auto before = read_webvh(request["lines"].get<std::string>(), request["did"].get<std::string>(),
                                 request.value("witnessFile", std::string()), now);
  if (!before.ok()) return refused(before.error());
  WebvhChange change;
  if (request.contains("updateKeys")) change.update_keys = names(request["updateKeys"], false);
  if (request.contains("nextKeys")) change.next_key_hashes = names(request["nextKeys"], true);
  if (request.contains("document")) change.document = request["document"];
  change.deactivate = request.value("deactivate", false);
  const Key key(request["signer"]);
  return entry_answer(update_webvh(*before, change, key.name, key.sign(), now));
}

Json webvh_read(const Json& request) {
  const auto read = read_webvh(request["lines"].get<std::string>(), request["did"].get<std::string>(),
                               request.value("witnessFile", std::string()), request["now"].get<std::int64_t>());
  if (!read.ok()) return refused(read.error());
  Json answer = Json::object();
  answer["did"] = read->did;
  answer["versions"] = read->versions.size();
  answer["document"] = read->latest().document;
  answer["updateKeys"] = read->parameters.update_keys;
  answer["deactivated"] = read->parameters.deactivated;
  return answer;
}

Json webvh_witness(const Json& request) {
  const Key key(request["signer"]);
  const auto element = witness_webvh(request["versionId"].get<std::string>(), did_key_method(key.key.public_key()),
                                     key.sign(), request["now"].get<std::int64_t>());
  return element.ok() ? *element : refused(element.error());
}

Json sign_document(const Json& request) {
  const Key key(request["signer"]);
  Proof proof;
  proof.method = did_key_method(key.key.public_key());
  proof.created_ms = request["now"].get<std::int64_t>();
  const auto made = add_proof(request["document"], proof, key.sign());
  return made.ok() ? *made : refused(made.error());
}

Json verify_document(const Json& request) {
  const auto proofs = verify_proofs(request["document"], did_key_lookup);
  if (!proofs.ok()) return refused(proofs.error());
  Json answer = Json::object();
  answer["proofs"] = proofs->size();
  return answer;
}

HttpMessage message_of(const Json& request) {
  HttpMessage message;
  message.method = request["method"].get<std::string>();
  message.authority = request["authority"].get<std::string>();
  message.path = request["path"].get<std::string>();
  message.query = request["query"].get<std::string>();
  for (const auto& [name, value] : request["fields"].items())
    message.fields.emplace_back(name, value.get<std::string>());
  return message;
}

Json http_sign(const Json& request) {
  HttpMessage message = message_of(request);
  const auto body = request["body"].get<std::string>();
  if (!body.empty()) message.fields.emplace_back("Content-Digest", content_digest(as_bytes(body)));
  const Key key(request["signer"]);
  SignatureParameters parameters;
  for (const auto& name : request_components(!body.empty())) parameters.components.push_back({name, {}});
  parameters.created_s = request["now"].get<std::int64_t>() / 1'000;
  parameters.keyid = did_key_method(key.key.public_key());
  parameters.nonce = request["nonce"].get<std::string>();
  parameters.tag = "manyworlds";
  if (const auto done = sign_message(message, parameters, key.sign()); !done.ok()) return refused(done.error());
  Json answer = Json::object();
  for (const auto& [name, value] : message.fields) answer[name] = value;
  return answer;
}

Json http_verify(const Json& request) {
  const HttpMessage message = message_of(request);
  const auto body = request["body"].get<std::string>();
  SignaturePolicy policy{request_components(!body.empty()), "manyworlds", request["now"].get<std::int64_t>() / 1'000};
  const auto read = verify_message(message, policy, did_key_lookup);
  if (!read.ok()) return refused(read.error());
  for (const auto& [name, value] : message.fields) {
    if (name != "content-digest" && name != "Content-Digest") continue;
    if (const auto fits = check_content_digest(value, as_bytes(body)); !fits.ok()) return refused(fits.error());
  }
  Json answer = Json::object();
  answer["keyid"] = read->keyid;
  answer["nonce"] = read->nonce;
  return answer;
}

Json key_names(const Json& request) {
  const Key key(request["signer"]);
  Json answer = Json::object();
  answer["multikey"] = key.name;
  answer["method"] = did_key_method(key.key.public_key());
  answer["hash"] = next_key_hash(key.name);
  return answer;
}

const std::map<std::string, std::function<Json(const Json&)>>& operations() {
  static const std::map<std::string, std::function<Json(const Json&)>> all = {
      {"http.sign", http_sign},       {"http.verify", http_verify}, {"key", key_names},
      {"sign", sign_document},        {"verify", verify_document},  {"webvh.create", webvh_create},
      {"webvh.update", webvh_update}, {"webvh.read", webvh_read},   {"webvh.witness", webvh_witness},
  };
  return all;
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const auto request = data::parse_json(line);
    Json answer;
    if (!request.ok())
      answer = refused(request.error());
    else if (const auto found = operations().find(request->value("op", "")); found != operations().end())
      answer = found->second(*request);
    else
      answer = refused(invalid("op", "expected an operation"));
    std::cout << data::to_text(answer) << '\n';
  }
  return 0;
}
