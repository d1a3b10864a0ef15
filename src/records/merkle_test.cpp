#include "records/merkle.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "base/format.h"
#include "data/json.h"
#include "records/test_vectors.h"

namespace mw::records {
namespace {

// The eight entries of Certificate Transparency's reference tests, and the roots of the trees of the first 0 to 8 of them.
const char* const kEntries[] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
const char* const kRoots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

// RFC 6962 section 2.1 word for word, as slow as it is plain.
Hash root_by_definition(const std::vector<Hash>& leaves, std::size_t from, std::size_t to) {
  if (from == to) return empty_root();
  if (to - from == 1) return leaves[from];
  std::size_t split = 1;
  while (split * 2 < to - from) split *= 2;
  return node_hash(root_by_definition(leaves, from, from + split), root_by_definition(leaves, from + split, to));
}

class Table final : public NodeSource {
 public:
  void append(const Hash& leaf) {
    frontier_.append(leaf,
                     [&](unsigned height, std::uint64_t index, const Hash& hash) { nodes_[{height, index}] = hash; });
    leaves_.push_back(leaf);
  }
  Result<Hash> node(unsigned height, std::uint64_t index) override {
    const auto found = nodes_.find({height, index});
    if (found == nodes_.end()) return failure(ErrorKind::not_found, format("node {} {}", height, index));
    return found->second;
  }
  const Frontier& frontier() const { return frontier_; }
  const std::vector<Hash>& leaves() const { return leaves_; }

 private:
  Frontier frontier_;
  std::map<std::pair<unsigned, std::uint64_t>, Hash> nodes_;
  std::vector<Hash> leaves_;
};

Table table_of(std::size_t size) {
  Table table;
  for (std::size_t i = 0; i < size; ++i) table.append(leaf_hash(as_bytes(format("entry {}", i))));
  return table;
}

TEST(Merkle, MatchesTheRootsOfCertificateTransparency) {
  Table table;
  EXPECT_EQ(crypto::hex(empty_root()), kRoots[0]);
  for (std::size_t i = 0; i < 8; ++i) {
    table.append(leaf_hash(from_hex(kEntries[i])));
    EXPECT_EQ(crypto::hex(table.frontier().root()), kRoots[i + 1]);
    EXPECT_EQ(crypto::hex(tree_root(table, i + 1).value()), kRoots[i + 1]);
  }
}

// RFC 6962 section 2.1.3 draws the tree of seven entries and names these proofs by their nodes.
TEST(Merkle, MatchesTheExampleOfRfc6962) {
  Table table;
  for (std::size_t i = 0; i < 7; ++i) table.append(leaf_hash(from_hex(kEntries[i])));
  const auto leaf = [&](std::size_t i) { return table.leaves()[i]; };
  const Hash g = node_hash(leaf(0), leaf(1)), h = node_hash(leaf(2), leaf(3)), i = node_hash(leaf(4), leaf(5));
  const Hash k = node_hash(g, h), l = node_hash(i, leaf(6));
  EXPECT_EQ(inclusion_proof(table, 0, 7).value(), (Proof{leaf(1), h, l}));
  EXPECT_EQ(inclusion_proof(table, 3, 7).value(), (Proof{leaf(2), g, l}));
  EXPECT_EQ(inclusion_proof(table, 4, 7).value(), (Proof{leaf(5), leaf(6), k}));
  EXPECT_EQ(inclusion_proof(table, 6, 7).value(), (Proof{i, k}));
  EXPECT_EQ(consistency_proof(table, 3, 7).value(), (Proof{leaf(2), leaf(3), g, l}));
  EXPECT_EQ(consistency_proof(table, 4, 7).value(), (Proof{l}));
  EXPECT_EQ(consistency_proof(table, 6, 7).value(), (Proof{i, leaf(6), k}));
}

TEST(Merkle, EveryInclusionProofOfEverySizeHoldsAndNoOtherDoes) {
  const Table all = table_of(70);
  for (std::size_t size = 1; size <= 70; ++size) {
    Table table = table_of(size);
    const Hash root = root_by_definition(all.leaves(), 0, size);
    ASSERT_EQ(table.frontier().root(), root);
    for (std::size_t index = 0; index < size; ++index) {
      Proof proof = inclusion_proof(table, index, size).value();
      const Hash& leaf = all.leaves()[index];
      ASSERT_TRUE(verify_inclusion(leaf, index, size, proof, root).ok()) << index << " of " << size;
      ASSERT_FALSE(verify_inclusion(all.leaves()[(index + 1) % 70], index, size, proof, root).ok());
      if (size > 1) {
        ASSERT_FALSE(verify_inclusion(leaf, (index + 1) % size, size, proof, root).ok());
      }
      for (auto& hash : proof) {
        hash[7] ^= 1;
        ASSERT_FALSE(verify_inclusion(leaf, index, size, proof, root).ok());
        hash[7] ^= 1;
      }
      proof.push_back(root);
      ASSERT_FALSE(verify_inclusion(leaf, index, size, proof, root).ok());
      proof.pop_back();
      if (proof.empty()) continue;
      proof.pop_back();
      ASSERT_FALSE(verify_inclusion(leaf, index, size, proof, root).ok());
    }
    EXPECT_FALSE(inclusion_proof(table, size, size).ok());
  }
}

TEST(Merkle, EveryConsistencyProofOfEverySizeHoldsAndNoOtherDoes) {
  Table table = table_of(70);
  std::vector<Hash> roots;
  roots.reserve(71);
  for (std::size_t size = 0; size <= 70; ++size) roots.push_back(root_by_definition(table.leaves(), 0, size));
  for (std::size_t to = 0; to <= 70; ++to) {
    for (std::size_t from = 0; from <= to; ++from) {
      Proof proof = consistency_proof(table, from, to).value();
      ASSERT_TRUE(verify_consistency(from, roots[from], to, roots[to], proof).ok()) << from << " to " << to;
      Hash wrong = roots[from];
      wrong[0] ^= 1;
      ASSERT_FALSE(verify_consistency(from, wrong, to, roots[to], proof).ok());
      if (from > 0) {
        wrong = roots[to];
        wrong[0] ^= 1;
        ASSERT_FALSE(verify_consistency(from, roots[from], to, wrong, proof).ok());
      }
      for (auto& hash : proof) {
        hash[31] ^= 128;
        ASSERT_FALSE(verify_consistency(from, roots[from], to, roots[to], proof).ok());
        hash[31] ^= 128;
      }
      proof.push_back(roots[to]);
      ASSERT_FALSE(verify_consistency(from, roots[from], to, roots[to], proof).ok());
    }
  }
  EXPECT_FALSE(consistency_proof(table, 5, 4).ok());
}

TEST(Merkle, APrefixProofYieldsBothRootsWhateverWasClaimed) {
  Table table = table_of(70);
  for (std::size_t size = 2; size <= 70; ++size) {
    for (std::size_t part = 1; part < size; ++part) {
      auto proof = prefix_proof(table, part, size).value();
      const auto roots = prefix_roots(part, size, proof);
      ASSERT_TRUE(roots.ok());
      ASSERT_EQ(roots->part, root_by_definition(table.leaves(), 0, part));
      ASSERT_EQ(roots->whole, root_by_definition(table.leaves(), 0, size));
      proof.outside.push_back(roots->part);
      ASSERT_FALSE(prefix_roots(part, size, proof).ok());
      proof.outside.pop_back();
      proof.inside.pop_back();
      ASSERT_FALSE(prefix_roots(part, size, proof).ok());
    }
  }
  EXPECT_FALSE(prefix_proof(table, 0, 5).ok());
  EXPECT_FALSE(prefix_proof(table, 5, 5).ok());
}

TEST(Merkle, AFrontierGoesOnWhereItWasStored) {
  Frontier whole;
  for (std::size_t i = 0; i < 100; ++i) {
    auto restored = Frontier::restore(whole.size(), whole.nodes());
    ASSERT_TRUE(restored.ok());
    ASSERT_EQ(restored->root(), whole.root());
    const Hash leaf = leaf_hash(as_bytes(format("{}", i)));
    restored->append(leaf);
    whole.append(leaf);
    ASSERT_EQ(restored->root(), whole.root());
  }
  EXPECT_FALSE(Frontier::restore(3, {Hash{}}).ok());
  EXPECT_FALSE(Frontier::restore(kTreeSizeMax + 1, {Hash{}, Hash{}}).ok());
}

TEST(Merkle, LongEntriesHashLikeShortOnes) {
  for (const std::size_t size : {0u, 1u, 1022u, 1023u, 1024u, 1025u, 65535u}) {
    const Bytes entry(size, 0x5A);
    Bytes input(size + 1, 0x5A);
    input[0] = 0;
    EXPECT_EQ(leaf_hash(entry), crypto::sha256(input));
  }
}

// --- Published vectors ---------------------------------------------------------------------------------------------------

// nullopt for what is no hash at all, which our parsers refuse before any verification.
std::optional<Hash> hash_from_base64(const Json& text) {
  const auto bytes = crypto::from_base64(text.get<std::string>());
  if (!bytes.ok() || bytes->size() != 32) return std::nullopt;
  return hash_of(*bytes);
}

std::optional<Proof> proof_of(const Json& list) {
  Proof proof;
  if (list.is_null()) return proof;
  for (const auto& text : list) {
    const auto hash = hash_from_base64(text);
    if (!hash) return std::nullopt;
    proof.push_back(*hash);
  }
  return proof;
}

// Some cases have a text ("don't care") where a root should be; its hash stands for it, so that equal ones stay equal.
Hash root_from_base64(const Json& text) {
  const auto bytes = crypto::from_base64(text.get<std::string>()).value();
  return bytes.size() == 32 ? hash_of(bytes) : crypto::sha256(bytes);
}

TEST(MerkleVectors, InclusionProofs) {
  const auto cases = published_json("rfc6962/inclusion.json");
  if (!cases) GTEST_SKIP() << "the published vectors are not beside the repository";
  ASSERT_GE(cases->size(), 90u);
  for (const auto& one : *cases) {
    const auto proof = proof_of(one["proof"]);
    const auto leaf = hash_from_base64(one["leafHash"]), root = hash_from_base64(one["root"]);
    const bool good = proof && leaf && root &&
                      verify_inclusion(*leaf, one["leafIdx"].get<std::uint64_t>(), one["treeSize"].get<std::uint64_t>(),
                                       *proof, *root)
                          .ok();
    EXPECT_EQ(good, !one["wantErr"].get<bool>()) << one["file"];
  }
}

TEST(MerkleVectors, ConsistencyProofs) {
  const auto cases = published_json("rfc6962/consistency.json");
  if (!cases) GTEST_SKIP() << "the published vectors are not beside the repository";
  ASSERT_GE(cases->size(), 90u);
  for (const auto& one : *cases) {
    const auto proof = proof_of(one["proof"]);
    const auto old_size = one["size1"].get<std::uint64_t>(), new_size = one["size2"].get<std::uint64_t>();
    const Hash old_root = root_from_base64(one["root1"]), new_root = root_from_base64(one["root2"]);
    const bool good = proof && verify_consistency(old_size, old_root, new_size, new_root, *proof).ok();
    // The source refuses every proof from an empty tree as useless; C2SP tlog-witness, which we follow, asks for the empty one.
    const bool from_nothing = old_size == 0 && new_size > 0 && old_root == empty_root() && proof && proof->empty();
    EXPECT_EQ(good, from_nothing || !one["wantErr"].get<bool>()) << one["file"];
  }
}

}  // namespace
}  // namespace mw::records
