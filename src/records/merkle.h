// Merkle trees over a log's entries: hashes, proofs that an entry is in a tree (inclusion) and that one tree is the
// beginning of another (consistency), and their verification. Nothing here keeps bytes or does I/O.
// Source: RFC 6962 sections 2.1 to 2.1.3 (SHA-256, leaf prefix 0x00, node prefix 0x01); the verifiers are those of
// RFC 9162 sections 2.1.3.2 and 2.1.4.2, which describe the same trees.
// Thread: pure functions, from any thread; a NodeSource belongs to its thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/crypto.h"

namespace mw::records {

using Hash = crypto::Digest;
using Proof = std::vector<Hash>;  // in the order of RFC 6962

// No log of ours has more entries, so that sums of indices never wrap.
inline constexpr std::uint64_t kTreeSizeMax = std::uint64_t{1} << 62;

Hash leaf_hash(ByteView entry);
Hash node_hash(const Hash& left, const Hash& right);
Hash empty_root();  // of a tree without entries: the hash of nothing

// Where hashes of complete subtrees come from: the one of the 2^height entries from index * 2^height on. Asked only for
// subtrees that lie within the tree in question.
class NodeSource {
 public:
  virtual ~NodeSource() = default;
  virtual Result<Hash> node(unsigned height, std::uint64_t index) = 0;
};

// Root of the tree of the first `size` entries. Errors: those of the source.
Result<Hash> tree_root(NodeSource& nodes, std::uint64_t size);
// RFC 6962 section 2.1.1. Error `invalid` (field "index") unless index < size.
Result<Proof> inclusion_proof(NodeSource& nodes, std::uint64_t index, std::uint64_t size);
// RFC 6962 section 2.1.2; empty for from == to and for from == 0. Error `invalid` (field "old size") when from > to.
Result<Proof> consistency_proof(NodeSource& nodes, std::uint64_t from, std::uint64_t to);

// Error `invalid`, field "proof", "index" or "size", saying what does not hold.
Status verify_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size, const Proof& proof,
                        const Hash& root);
// From size 0 only the empty proof from the empty root is good, as C2SP tlog-witness asks.
Status verify_consistency(std::uint64_t from, const Hash& from_root, std::uint64_t to, const Hash& to_root,
                          const Proof& proof);

// What a tree's right edge needs to grow: the roots of its complete subtrees, largest first (one for each bit of size).
class Frontier {
 public:
  Frontier() = default;
  // Takes back what nodes() gave. Error `damaged` when the number of nodes does not fit the size.
  static Result<Frontier> restore(std::uint64_t size, std::vector<Hash> nodes);

  // Adds one entry. `completed(height, index, hash)` is told each subtree that this completes, the entry itself (height 0)
  // first.
  template <class Completed>
  void append(const Hash& leaf, Completed&& completed) {
    Hash hash = leaf;
    std::uint64_t index = size_;
    completed(0u, index, hash);
    for (unsigned height = 1; index % 2 == 1; ++height) {
      hash = node_hash(nodes_.back(), hash);
      nodes_.pop_back();
      index /= 2;
      completed(height, index, hash);
    }
    nodes_.push_back(hash);
    ++size_;
  }
  void append(const Hash& leaf) {
    append(leaf, [](unsigned, std::uint64_t, const Hash&) {});
  }
  std::uint64_t size() const { return size_; }
  Hash root() const;
  const std::vector<Hash>& nodes() const { return nodes_; }

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> nodes_;
};

// Proof of what a tree's first `part` entries hash to, whether or not anybody said otherwise: the complete subtrees of the
// first `part` entries, then those of the rest, as the recursion of RFC 6962 section 2.1 meets them. Unlike a consistency
// proof it does not suppose a root of the part, so that two contradicting checkpoints of different sizes become evidence
// that anybody can check: the proof yields the later root and another earlier one.
struct PrefixProof {
  std::vector<Hash> inside, outside;
};
struct PrefixRoots {
  Hash part{}, whole{};
};
Result<PrefixProof> prefix_proof(NodeSource& nodes, std::uint64_t part, std::uint64_t size);
// The two roots that the proof yields. Error `invalid` when its shape does not fit the sizes.
Result<PrefixRoots> prefix_roots(std::uint64_t part, std::uint64_t size, const PrefixProof& proof);

}  // namespace mw::records
