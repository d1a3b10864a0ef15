#include "server/title_log.h"

#include "base/format.h"
#include "base/limits.h"

namespace mw::server {
namespace {

Error busy() { return failure(ErrorKind::unavailable, "the log is busy"); }

// The rest of the bundle in which `first` is.
Result<std::vector<Bytes>> rest_of_bundle(const records::Log& log, std::uint64_t first) {
  std::vector<Bytes> out;
  if (first >= log.size()) return out;
  const std::uint64_t tile = first / limits::kTileHashes;
  const unsigned width = records::tile_width(0, tile, log.size());
  const auto bundle = log.read({true, 0, tile, width});
  MW_TRY(bundle);
  const auto entries = records::parse_bundle(*bundle, width);
  MW_TRY(entries);
  for (std::size_t i = first % limits::kTileHashes; i < entries->size(); ++i)
    out.emplace_back(entries->at(i).begin(), entries->at(i).end());
  return out;
}

Result<trust::TitleProof> proof_of(const records::Log& log, const std::optional<records::SignedCheckpoint>& published,
                                   const std::vector<std::uint64_t>& indices) {
  const std::uint64_t size = published ? published->checkpoint.size : 0;
  if (indices.empty() || indices.back() >= size)
    return failure(ErrorKind::unavailable, "the title is recorded, and no checkpoint with it is published yet");
  trust::TitleProof proof{format_note(published->note), {}};
  auto nodes = log.nodes(size);
  for (const auto index : indices) {
    auto entry = log.entry(index);
    MW_TRY(entry);
    auto inclusion = records::inclusion_proof(nodes, index, size);
    MW_TRY(inclusion);
    proof.history.push_back({index, *std::move(entry), *std::move(inclusion)});
  }
  return proof;
}

}  // namespace

void TitlesInPublicLog::append(Bytes entry, std::function<void(Result<std::uint64_t>)> done) {
  log_.append(std::move(entry), [post = post_, done = std::move(done)](const Result<std::uint64_t>& index) {
    post([done, index] { done(index); });
  });
}

void TitlesInPublicLog::read(std::uint64_t first, std::function<void(Result<std::vector<Bytes>>)> done) {
  const bool asked = log_.look([post = post_, first, done](records::Log& log, records::Publisher&) {
    post([done, entries = rest_of_bundle(log, first)] { done(entries); });
  });
  if (!asked) post_([done] { done(busy()); });
}

void TitlesInPublicLog::prove(std::vector<std::uint64_t> indices, std::function<void(Result<trust::TitleProof>)> done) {
  const bool asked =
      log_.look([post = post_, indices = std::move(indices), done](records::Log& log, records::Publisher& publisher) {
        // Where no quorum is asked for this publishes what is on disk; else the witnesses' rounds do, and this changes nothing.
        static_cast<void>(publisher.begin().ok());
        post([done, proof = proof_of(log, publisher.published(), indices)] { done(proof); });
      });
  if (!asked) post_([done] { done(busy()); });
}

crypto::SigningKey kept_title_key(const trust::Keeper& keeper, VisitorId visitor) {
  const Bytes signature = keeper.sign(as_bytes(format("manyworlds title key 1\n{}\n", visitor.value)));
  const auto seed = crypto::sha256(signature);
  return crypto::SigningKey::from_seed(seed);
}

}  // namespace mw::server
