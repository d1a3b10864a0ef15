// For tests and the fuzzer: keys, records and a log that witnesses cosign, all in memory.
// Thread: the test's.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/format.h"
#include "records/log.h"
#include "records/test_storage.h"
#include "trust/title_index.h"
#include "trust/title_proof.h"

namespace mw::trust {

inline const std::string kTestLog = "home.example/log";
constexpr std::int64_t kTestNow = 1'800'000'000;  // Unix seconds

// A person's or a host's key.
struct Party {
  explicit Party(Byte seed)
      : key(std::make_shared<crypto::SigningKey>(
            crypto::SigningKey::from_seed(std::span<const Byte, 32>(Bytes(32, seed).data(), 32)))) {}
  const crypto::PublicKey& id() const { return key->public_key(); }
  Sign sign() const {
    return [held = key](ByteView message) { return held->sign(message); };
  }
  std::shared_ptr<crypto::SigningKey> key;
};

inline TitleRecord make_title(const TitleForm& form, const std::vector<Party>& by, const std::string& log = kTestLog) {
  std::vector<Sign> signers;
  signers.reserve(by.size());
  for (const auto& party : by) signers.push_back(party.sign());
  return sign_title(log, form, signers).value();
}
inline TitleRecord create_title(const Party& owner, Byte serial, const std::string& log = kTestLog) {
  TitleCreate form;
  form.content = crypto::sha256(as_bytes("a red bench"));
  form.serial.fill(serial);
  form.owner = owner.id();
  return make_title(form, {owner}, log);
}
// The next move of a title that stands as the index says.
inline TitleMove move_of(const TitleIndex& index, const AssetId& asset, const Party& to) {
  const Title& title = *index.find(asset);
  return {asset, title.sequence + 1, title.head().record, to.id()};
}
inline TitleTrade trade_of(TitleMove one, TitleMove two) {
  if (two.asset < one.asset) std::swap(one, two);
  return {one, two};
}

inline records::NoteSigner note_signer(const std::string& name, records::SignatureType type, const Party& party) {
  return {records::note_key(name, type, party.id()).value(), party.sign()};
}

// A log with its signer and its witnesses, who cosign whatever they are asked to.
class TestLog {
 public:
  explicit TestLog(std::size_t witnesses = 4, Byte first_witness = 100)
      : signer_(note_signer(kTestLog, records::SignatureType::ed25519, Party(99))) {
    log_ = records::Log::open(storage_).value();
    for (std::size_t i = 0; i < witnesses; ++i)
      witnesses_.push_back(note_signer(format("w{}.example", first_witness + i), records::SignatureType::cosignature,
                                       Party(static_cast<Byte>(first_witness + i))));
  }
  std::uint64_t add(const TitleRecord& record) { return add(format_title(record)); }
  std::uint64_t add(const Bytes& entry) {
    const std::vector<ByteView> batch(1, entry);
    return log_->append(batch).value();
  }
  // Cosigned by the first `cosigners`, a second apart.
  std::string checkpoint(std::size_t cosigners, std::int64_t at = kTestNow) const {
    auto made = records::sign_checkpoint(signer_, {kTestLog, log_->size(), log_->root(), {}});
    for (std::size_t i = 0; i < cosigners; ++i)
      made.note.signatures.push_back(records::cosign(witnesses_[i], made.note.text, at + static_cast<std::int64_t>(i)));
    return format_note(made.note);
  }
  TitlePolicy policy(std::size_t required = 0) const {
    TitlePolicy out{kTestLog, {signer_.key}, {}, required};
    for (const auto& witness : witnesses_) out.witnesses.push_back({witness.key, witness.key.name});
    return out;
  }
  records::Auditor::Fetch fetch() const {
    return [this](const records::TileName& name) { return log_->read(name); };
  }
  TitleProof::Item item(std::uint64_t index) const {
    auto nodes = log_->nodes(log_->size());
    return {index, log_->entry(index).value(), records::inclusion_proof(nodes, index, log_->size()).value()};
  }
  TitleProof proof(const std::vector<std::uint64_t>& indices, std::size_t cosigners) const {
    TitleProof out{checkpoint(cosigners), {}};
    for (const auto index : indices) out.history.push_back(item(index));
    return out;
  }
  const records::NoteSigner& signer() const { return signer_; }
  const records::Log& log() const { return *log_; }

 private:
  records::MemoryStorage storage_;
  std::unique_ptr<records::Log> log_;
  records::NoteSigner signer_;
  std::vector<records::NoteSigner> witnesses_;
};

}  // namespace mw::trust
