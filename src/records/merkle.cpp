#include "records/merkle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "base/format.h"

namespace mw::records {
namespace {

constexpr Byte kLeafPrefix = 0x00, kNodePrefix = 0x01;

// The largest power of two below `size`, which is over 1: where RFC 6962 splits a tree.
std::uint64_t split_of(std::uint64_t size) { return std::bit_floor(size - 1); }

unsigned height_of(std::uint64_t power_of_two) { return static_cast<unsigned>(std::countr_zero(power_of_two)); }

// Hash of the entries [from, to), which is a range that the recursion of RFC 6962 meets: `from` is a multiple of the power of
// two that is not below its length.
Result<Hash> range_hash(NodeSource& nodes, std::uint64_t from, std::uint64_t to) {
  // Complete subtrees from the left, largest first, then folded from the right.
  std::vector<Hash> parts;
  parts.reserve(64);
  while (from < to) {
    const std::uint64_t width = std::bit_floor(to - from);
    auto hash = nodes.node(height_of(width), from / width);
    MW_TRY(hash);
    parts.push_back(*hash);
    from += width;
  }
  if (parts.empty()) return empty_root();
  Hash hash = parts.back();
  for (std::size_t i = parts.size() - 1; i-- > 0;) hash = node_hash(parts[i], hash);
  return hash;
}

Error no_proof(std::string why) { return invalid("proof", std::move(why)); }

Status size_in_range(std::uint64_t size) {
  if (size > kTreeSizeMax) return invalid("size", format("{} is over {}", size, kTreeSizeMax));
  return ok();
}

}  // namespace

Hash leaf_hash(ByteView entry) {
  std::array<Byte, 1024> small;  // most entries fit, and need no allocation
  if (entry.size() < small.size()) {
    small[0] = kLeafPrefix;
    std::copy(entry.begin(), entry.end(), small.begin() + 1);
    return crypto::sha256(ByteView(small).first(entry.size() + 1));
  }
  Bytes input;
  input.reserve(entry.size() + 1);
  input.push_back(kLeafPrefix);
  input.insert(input.end(), entry.begin(), entry.end());
  return crypto::sha256(input);
}

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<Byte, 65> input;
  input[0] = kNodePrefix;
  std::copy(left.begin(), left.end(), input.begin() + 1);
  std::copy(right.begin(), right.end(), input.begin() + 33);
  return crypto::sha256(input);
}

Hash empty_root() { return crypto::sha256({}); }

Result<Hash> tree_root(NodeSource& nodes, std::uint64_t size) {
  MW_TRY(size_in_range(size));
  return range_hash(nodes, 0, size);
}

Result<Proof> inclusion_proof(NodeSource& nodes, std::uint64_t index, std::uint64_t size) {
  MW_TRY(size_in_range(size));
  if (index >= size) return invalid("index", format("expected less than the tree's size {}, found {}", size, index));
  Proof proof;
  std::uint64_t from = 0, to = size;
  while (to - from > 1) {  // downwards; the proof goes upwards
    const std::uint64_t middle = from + split_of(to - from);
    const bool left = index < middle;
    auto sibling = left ? range_hash(nodes, middle, to) : range_hash(nodes, from, middle);
    MW_TRY(sibling);
    proof.push_back(*sibling);
    (left ? to : from) = middle;
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

Result<Proof> consistency_proof(NodeSource& nodes, std::uint64_t from, std::uint64_t to) {
  MW_TRY(size_in_range(to));
  if (from > to) return invalid("old size", format("expected at most the new size {}, found {}", to, from));
  Proof proof;
  if (from == 0 || from == to) return proof;
  std::uint64_t low = 0, high = to;
  bool whole = true;  // the range below holds the old tree as a whole, so that its hash is the old root and is known
  while (high != from) {
    const std::uint64_t middle = low + split_of(high - low);
    const bool left = from <= middle;
    auto sibling = left ? range_hash(nodes, middle, high) : range_hash(nodes, low, middle);
    MW_TRY(sibling);
    proof.push_back(*sibling);
    if (left) {
      high = middle;
    } else {
      low = middle;
      whole = false;
    }
  }
  if (!whole) {
    auto rest = range_hash(nodes, low, high);
    MW_TRY(rest);
    proof.push_back(*rest);
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

Status verify_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size, const Proof& proof,
                        const Hash& root) {
  MW_TRY(size_in_range(size));
  if (index >= size) return invalid("index", format("expected less than the tree's size {}, found {}", size, index));
  std::uint64_t node = index, last = size - 1;
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (last == 0) return no_proof("longer than the tree is high");
    if (node % 2 == 1 || node == last) {
      hash = node_hash(sibling, hash);
      while (node % 2 == 0 && node != 0) {
        node /= 2;
        last /= 2;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    node /= 2;
    last /= 2;
  }
  if (last != 0) return no_proof("shorter than the tree is high");
  if (hash != root) return no_proof("leads to another root");
  return ok();
}

Status verify_consistency(std::uint64_t from, const Hash& from_root, std::uint64_t to, const Hash& to_root,
                          const Proof& proof) {
  MW_TRY(size_in_range(to));
  if (from > to) return invalid("old size", format("expected at most the new size {}, found {}", to, from));
  if (from == 0 || from == to) {
    if (!proof.empty()) return no_proof("expected an empty one");
    if (from == 0 && from_root != empty_root()) return no_proof("the old root is not that of an empty tree");
    if (to == 0 && to_root != empty_root()) return no_proof("the new root is not that of an empty tree");
    if (from == to && from_root != to_root) return no_proof("the trees have one size and two roots");
    return ok();
  }
  if (proof.empty()) return no_proof("empty");
  auto next = proof.begin();
  std::uint64_t node = from - 1, last = to - 1;
  while (node % 2 == 1) {
    node /= 2;
    last /= 2;
  }
  Hash old_hash = std::has_single_bit(from) ? from_root : *next++;
  Hash new_hash = old_hash;
  for (; next != proof.end(); ++next) {
    if (last == 0) return no_proof("longer than the tree is high");
    if (node % 2 == 1 || node == last) {
      old_hash = node_hash(*next, old_hash);
      new_hash = node_hash(*next, new_hash);
      while (node % 2 == 0 && node != 0) {
        node /= 2;
        last /= 2;
      }
    } else {
      new_hash = node_hash(new_hash, *next);
    }
    node /= 2;
    last /= 2;
  }
  if (last != 0) return no_proof("shorter than the tree is high");
  if (old_hash != from_root) return no_proof("leads to another old root");
  if (new_hash != to_root) return no_proof("leads to another new root");
  return ok();
}

Result<Frontier> Frontier::restore(std::uint64_t size, std::vector<Hash> nodes) {
  if (size > kTreeSizeMax || nodes.size() != static_cast<std::size_t>(std::popcount(size)))
    return failure(ErrorKind::damaged, format("{} nodes for a tree of {} entries", nodes.size(), size));
  Frontier frontier;
  frontier.size_ = size;
  frontier.nodes_ = std::move(nodes);
  return frontier;
}

Hash Frontier::root() const {
  if (nodes_.empty()) return empty_root();
  Hash hash = nodes_.back();
  for (std::size_t i = nodes_.size() - 1; i-- > 0;) hash = node_hash(nodes_[i], hash);
  return hash;
}

namespace {

// Walks the tree of `size` entries as RFC 6962 splits it, left to right, and calls `range(from, to, inside)` for each
// maximal range that lies wholly on one side of `part`; the ranges inside are complete subtrees, or the whole tree.
template <class OnRange, class OnJoin>
void walk(std::uint64_t from, std::uint64_t to, std::uint64_t part, const OnRange& range, const OnJoin& join) {
  if (to <= part || from >= part) return range(from, to, to <= part);
  const std::uint64_t middle = from + split_of(to - from);
  walk(from, middle, part, range, join);
  walk(middle, to, part, range, join);
  join();
}

}  // namespace

Result<PrefixProof> prefix_proof(NodeSource& nodes, std::uint64_t part, std::uint64_t size) {
  MW_TRY(size_in_range(size));
  if (part == 0 || part >= size)
    return invalid("part", format("expected 1 to {} entries, found {}", size == 0 ? 0 : size - 1, part));
  PrefixProof proof;
  Status status = ok();
  walk(
      0, size, part,
      [&](std::uint64_t from, std::uint64_t to, bool inside) {
        if (!status.ok()) return;
        auto hash = range_hash(nodes, from, to);
        if (hash.ok())
          (inside ? proof.inside : proof.outside).push_back(*hash);
        else
          status = hash.error();
      },
      [] {});
  MW_TRY(status);
  return proof;
}

Result<PrefixRoots> prefix_roots(std::uint64_t part, std::uint64_t size, const PrefixProof& proof) {
  MW_TRY(size_in_range(size));
  if (part == 0 || part >= size)
    return invalid("part", format("expected 1 to {} entries, found {}", size == 0 ? 0 : size - 1, part));
  if (proof.inside.size() != static_cast<std::size_t>(std::popcount(part)))
    return no_proof("the number of hashes does not fit the part");
  std::vector<Hash> stack;
  stack.reserve(64);
  std::size_t inside = 0, outside = 0;
  bool short_of = false;
  walk(
      0, size, part,
      [&](std::uint64_t, std::uint64_t, bool is_inside) {
        const auto& from = is_inside ? proof.inside : proof.outside;
        std::size_t& at = is_inside ? inside : outside;
        short_of = short_of || at == from.size();
        stack.push_back(short_of ? Hash{} : from[at++]);
      },
      [&] {
        const Hash right = stack.back();
        stack.pop_back();
        stack.back() = node_hash(stack.back(), right);
      });
  if (short_of || inside != proof.inside.size() || outside != proof.outside.size())
    return no_proof("the number of hashes does not fit the sizes");
  auto frontier = Frontier::restore(part, proof.inside);
  MW_TRY(frontier);
  return PrefixRoots{frontier->root(), stack.back()};
}

}  // namespace mw::records
