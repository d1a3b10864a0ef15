// Keys that people hold themselves: the public half of each, and its secret half as their browser has wrapped it, which this host
// keeps for them and cannot open. Written through the store before anything is answered. Whoever gives a key, or other wrappings of
// one, proves that they have it; what the proof signs is held_statement(). Bytes: schema/titles.md.
// Keys in the store: "title-held/VISITOR" (JSON).
// Bounds: one key a visitor, kWrappings wrappings of kWrappedBytes each. Thread: the control loop, also for callbacks.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/limits.h"
#include "base/result.h"
#include "crypto/crypto.h"
#include "data/json.h"
#include "records/store_queue.h"

namespace mw::federation {

// One way to the secret half: by a passkey, whose id stands here, or by the person's code (no id).
struct Wrapping {
  std::string passkey;  // base64url; empty: the code
  std::string wrapped;  // base64url, opaque
  friend bool operator==(const Wrapping&, const Wrapping&) = default;
};

struct HeldKey {
  crypto::PublicKey key;
  bool holds = false;  // the person's things are to belong to it; otherwise to the key that this host keeps
  std::vector<Wrapping> wrappings;
};

// What the key signs to be taken, or to have its wrappings replaced: it belongs to this person, at this host, with these wrappings.
std::string held_statement(std::string_view host, std::string_view person, const crypto::PublicKey& key,
                           const std::vector<Wrapping>& wrappings);

class HeldKeys {
 public:
  static constexpr std::size_t kWrappings = limits::kPasskeysPerAccount + 1, kWrappedBytes = 128;
  static constexpr std::string_view kPrefix = "title-held/";
  using Done = std::function<void(Status)>;  // on disk

  explicit HeldKeys(records::Store& store);
  ~HeldKeys();
  Status read(const std::string& key, const std::string& text);  // while loading. Error `damaged`

  // Errors: `forbidden` (the proof is not by this key), `invalid` (wrappings: one by the code, none twice), `conflict` (somebody has this
  // key; the person has another, `replace` not being allowed).
  void keep(VisitorId visitor, HeldKey key, const crypto::Signature& proof, std::string_view host,
            std::string_view person, bool replace, Done done);
  // Whose key new things of theirs belong to. Error `not_found`: they have none.
  void choose(VisitorId visitor, bool holds, Done done);
  // The passkeys that there still are; the others' wrappings go.
  void keep_passkeys(VisitorId visitor, const std::vector<std::string>& ids);

  const HeldKey* of(VisitorId visitor) const;
  // Whose it is, if it is one of these.
  std::optional<VisitorId> owner_of(const crypto::PublicKey& key) const;

 private:
  void write(VisitorId visitor, std::optional<HeldKey> before, Done done);
  void set(VisitorId visitor, HeldKey key);

  records::Store& store_;
  std::map<VisitorId, HeldKey> keys_;
  std::map<std::array<Byte, 32>, VisitorId> owners_;
  std::shared_ptr<bool> alive_;
};

}  // namespace mw::federation
