#include "federation/held.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/format.h"
#include "crypto/multibase.h"

namespace mw::federation {
namespace {

std::string store_key(VisitorId visitor) { return format("{}{}", HeldKeys::kPrefix, visitor.value); }

Json to_json(const HeldKey& held) {
  Json wrappings = Json::array();
  for (const auto& one : held.wrappings) wrappings.push_back({{"passkey", one.passkey}, {"wrapped", one.wrapped}});
  return {{"key", crypto::multikey(held.key)}, {"holds", held.holds}, {"wrappings", std::move(wrappings)}};
}

Status good(const std::vector<Wrapping>& wrappings) {
  if (wrappings.empty() || wrappings.size() > HeldKeys::kWrappings)
    return invalid("wrappings", format("expected 1 to {}", HeldKeys::kWrappings));
  std::set<std::string> seen;
  for (const auto& one : wrappings) {
    const auto id = crypto::from_base64url(one.passkey), wrapped = crypto::from_base64url(one.wrapped);
    if (!id.ok() || id->size() > limits::kPasskeyIdBytes)
      return invalid("wrappings/passkey", "expected the id of a passkey, base64url");
    if (!wrapped.ok() || wrapped->empty() || wrapped->size() > HeldKeys::kWrappedBytes)
      return invalid("wrappings/wrapped", format("expected 1 to {} bytes, base64url", HeldKeys::kWrappedBytes));
    if (!seen.insert(one.passkey).second) return invalid("wrappings/passkey", "expected none twice");
  }
  // A passkey is lost with its device, and all things would be lost with it.
  if (!seen.contains("")) return invalid("wrappings", "expected one by the person's code");
  return ok();
}

}  // namespace

std::string held_statement(std::string_view host, std::string_view person, const crypto::PublicKey& key,
                           const std::vector<Wrapping>& wrappings) {
  std::string text =
      format("manyworlds title key 1\nhost {}\nperson {}\nkey {}\n", host, person, crypto::multikey(key));
  for (const auto& one : wrappings)
    text +=
        one.passkey.empty() ? format("code {}\n", one.wrapped) : format("passkey {} {}\n", one.passkey, one.wrapped);
  return text;
}

HeldKeys::HeldKeys(records::Store& store) : store_(store), alive_(std::make_shared<bool>(true)) {}
HeldKeys::~HeldKeys() { *alive_ = false; }

Status HeldKeys::read(const std::string& key, const std::string& text) {
  const Error damaged{ErrorKind::damaged, key, "not as it was written"};
  VisitorId visitor;
  const char* from = key.data() + kPrefix.size();
  const auto number = std::from_chars(from, key.data() + key.size(), visitor.value);
  const auto json = data::parse_json(text);
  if (number.ec != std::errc() || number.ptr != key.data() + key.size() || !json.ok()) return damaged;
  try {
    const auto read = crypto::from_multikey(json->at("key").get<std::string>());
    if (!read.ok()) return damaged;
    HeldKey held{*read, json->at("holds").get<bool>(), {}};
    for (const auto& one : json->at("wrappings"))
      held.wrappings.push_back({one.at("passkey").get<std::string>(), one.at("wrapped").get<std::string>()});
    set(visitor, std::move(held));
  } catch (const Json::exception&) {
    return damaged;
  }
  return ok();
}

const HeldKey* HeldKeys::of(VisitorId visitor) const {
  const auto at = keys_.find(visitor);
  return at == keys_.end() ? nullptr : &at->second;
}

std::optional<VisitorId> HeldKeys::owner_of(const crypto::PublicKey& key) const {
  const auto at = owners_.find(key.bytes);
  return at == owners_.end() ? std::nullopt : std::optional(at->second);
}

void HeldKeys::set(VisitorId visitor, HeldKey key) {
  if (const auto* before = of(visitor)) owners_.erase(before->key.bytes);
  owners_[key.key.bytes] = visitor;
  keys_[visitor] = std::move(key);
}

// Memory is ahead of the disk, and the store keeps the order of writes; what could not be written is taken back.
void HeldKeys::write(VisitorId visitor, std::optional<HeldKey> before, Done done) {
  store_.put({{store_key(visitor), data::to_text(to_json(keys_.at(visitor)))}},
             [this, visitor, before = std::move(before), done = std::move(done), alive = alive_](const Status& stored) {
               if (!*alive) return;
               if (!stored.ok() && before) set(visitor, *before);
               if (!stored.ok() && !before) {
                 owners_.erase(keys_.at(visitor).key.bytes);
                 keys_.erase(visitor);
               }
               done(stored);
             });
}

void HeldKeys::keep(VisitorId visitor, HeldKey key, const crypto::Signature& proof, std::string_view host,
                    std::string_view person, bool replace, Done done) {
  if (const auto fine = good(key.wrappings); !fine.ok()) return done(fine);
  if (!crypto::verify(key.key, as_bytes(held_statement(host, person, key.key, key.wrappings)), proof))
    return done(Error{ErrorKind::forbidden, "proof", "is not by this key, or says something else"});
  if (const auto owner = owner_of(key.key); owner && *owner != visitor)
    return done(Error{ErrorKind::conflict, "key", "is somebody else's"});
  const auto* present = of(visitor);
  if (present != nullptr && present->key != key.key && !replace)
    return done(Error{ErrorKind::conflict, "key", "you have another, which things of yours belong to"});
  key.holds = present != nullptr && present->key == key.key && present->holds;
  const auto before = present == nullptr ? std::nullopt : std::optional(*present);
  set(visitor, std::move(key));
  write(visitor, before, std::move(done));
}

void HeldKeys::choose(VisitorId visitor, bool holds, Done done) {
  const auto at = keys_.find(visitor);
  if (at == keys_.end()) return done(failure(ErrorKind::not_found, "you have given this host no key of your own"));
  if (at->second.holds == holds) return done(ok());
  const HeldKey before = at->second;
  at->second.holds = holds;
  write(visitor, before, std::move(done));
}

void HeldKeys::keep_passkeys(VisitorId visitor, const std::vector<std::string>& ids) {
  const auto at = keys_.find(visitor);
  if (at == keys_.end()) return;
  const HeldKey before = at->second;
  const auto gone = std::erase_if(at->second.wrappings, [&](const Wrapping& one) {
    return !one.passkey.empty() && std::ranges::find(ids, one.passkey) == ids.end();
  });
  // One that stays for want of disk opens to a passkey that is gone, and goes the next time.
  if (gone > 0) write(visitor, before, [](const Status&) {});
}

}  // namespace mw::federation
