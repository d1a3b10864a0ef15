#include "sim/log_keys.h"

#include <array>
#include <map>
#include <memory>

#include "base/format.h"
#include "crypto/crypto.h"

namespace mw::sim {
namespace {

struct Signers {
  records::NoteSigner log, witness;
};

const Signers& signers(std::size_t host) {
  static std::map<std::size_t, Signers> made;
  if (const auto found = made.find(host); found != made.end()) return found->second;
  std::array<Byte, 32> seed{};
  seed[0] = static_cast<Byte>(host + 1);
  const auto key = std::make_shared<crypto::SigningKey>(crypto::SigningKey::from_seed(seed));
  const auto sign = [key](ByteView message) { return key->sign(message); };
  using records::SignatureType;
  Signers both{
      {records::note_key(log_name(host), SignatureType::ed25519, key->public_key()).value(), sign},
      {records::note_key(format("witness-{}.example", host), SignatureType::cosignature, key->public_key()).value(),
       sign}};
  return made.emplace(host, std::move(both)).first->second;
}

}  // namespace

std::string log_name(std::size_t host) { return format("host-{}.example/log", host); }
const records::NoteSigner& log_signer(std::size_t host) { return signers(host).log; }
const records::NoteSigner& witness_signer(std::size_t host) { return signers(host).witness; }

}  // namespace mw::sim
