#include "trust/webvh.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "base/format.h"
#include "base/limits.h"
#include "crypto/canonical.h"
#include "crypto/multibase.h"
#include "crypto/vectors_test.h"
#include "trust/time.h"
#include "trust/webvh_entry.h"

namespace mw::trust {
namespace {

constexpr std::int64_t kNow = 1'790'000'000'000;

// A person's key, by number.
struct Key {
  explicit Key(Byte seed) : key(make(seed)), name(crypto::multikey(key.public_key())) {}
  static crypto::SigningKey make(Byte seed) {
    const Bytes bytes(32, seed);
    return crypto::SigningKey::from_seed(std::span<const Byte, 32>(bytes.data(), 32));
  }
  Sign sign() const {
    return [this](ByteView message) { return key.sign(message); };
  }
  std::string did() const { return did_key(key.public_key()); }
  std::string method() const { return did_key_method(key.public_key()); }
  crypto::SigningKey key;
  std::string name;
};

WebDid place(std::string host = "home.example") {
  WebDid did;
  did.host = std::move(host);
  did.path = {"people", "ada"};
  return did;
}

Json document_of(const std::string& did) {
  Json document = Json::object();
  document["@context"] = Json::array({"https://www.w3.org/ns/did/v1"});
  document["id"] = did;
  document["service"] = Json::array();
  return document;
}

// One person: the lines so far, and what is in force.
struct Person {
  Person(const WebvhParameters& parameters, const Key& key) {
    auto entry = create_webvh(document_of(did_placeholder(place())), parameters, key.name, key.sign(), kNow);
    EXPECT_TRUE(entry.ok()) << entry.error().text();
    if (!entry.ok()) return;
    lines = entry->line;
    state = entry->state;
  }
  Status update(const WebvhChange& change, const Key& key) {
    auto entry = update_webvh(state, change, key.name, key.sign(), kNow + 10'000);
    if (!entry.ok()) return std::move(entry).error();
    lines += entry->line;
    state = entry->state;
    return ok();
  }
  Result<Webvh> read(std::string_view witnesses = "") const {
    return read_webvh(lines, state.did, witnesses, kNow + 1'000'000);
  }
  std::string lines;
  Webvh state;
};

WebvhParameters with_key(const Key& key) {
  WebvhParameters parameters;
  parameters.update_keys = {key.name};
  return parameters;
}

WebvhParameters prerotated(const Key& key, const Key& next) {
  WebvhParameters parameters = with_key(key);
  parameters.portable = true;
  parameters.next_key_hashes = {next_key_hash(next.name)};
  return parameters;
}

WebvhChange rotate(const Key& to, const Key& next) {
  WebvhChange change;
  change.update_keys = {to.name};
  change.next_key_hashes = {next_key_hash(next.name)};
  return change;
}

TEST(Webvh, ReadsWhatItCreates) {
  const Key key(1), next(2);
  const Person person(prerotated(key, next), key);
  const auto read = person.read();
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read->did, format("did:webvh:{}:home.example:people:ada", read->scid));
  EXPECT_EQ(read->latest().document["id"], read->did);
  EXPECT_TRUE(read->parameters.portable);
  EXPECT_EQ(read->parameters.update_keys, std::vector<std::string>{key.name});
  EXPECT_EQ(read->versions.size(), 1u);
  EXPECT_TRUE(read->latest().id.starts_with("1-Qm"));
  EXPECT_EQ(person.lines.find("{SCID}"), std::string::npos);
  // The same beginning gives the same name; any other, another.
  EXPECT_EQ(Person(prerotated(key, next), key).state.scid, read->scid);
  EXPECT_NE(Person(prerotated(key, key), key).state.scid, read->scid);
}

// did:webvh 1.0, "Generate Entry Hash": the published example.
TEST(Webvh, HashesAnEntryAsTheSpecificationDoes) {
  const auto file = published("did-webvh/entry_hash_example.json");
  MW_SKIP_WITHOUT(file);
  const Json example = Json::parse(*file);
  EXPECT_EQ(*webvh::entry_hash(example["entry"], example["entry"]["versionId"].get<std::string>()),
            example["expected_entry_hash"].get<std::string>());
}

TEST(Webvh, RotatesToKeysThatWereCommittedTo) {
  const Key first(1), second(2), third(3);
  Person person(prerotated(first, second), first);
  ASSERT_TRUE(person.update(rotate(second, third), second).ok());
  const auto read = person.read();
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read->parameters.update_keys, std::vector<std::string>{second.name});
  EXPECT_EQ(read->versions.size(), 2u);

  // Whoever stole the present key cannot go on with one of their own, nor with the present one.
  const Key thief(66);
  EXPECT_EQ(person.update(rotate(thief, thief), thief).error().field, "entry 3/parameters/updateKeys");
  EXPECT_EQ(person.update(rotate(second, thief), second).error().field, "entry 3/parameters/updateKeys");
  EXPECT_EQ(person.update(WebvhChange{}, second).error().field, "entry 3/parameters/updateKeys");
  WebvhChange silent;
  silent.update_keys = {third.name};
  EXPECT_EQ(person.update(silent, third).error().field, "entry 3/parameters/nextKeyHashes");
  // The committed key, but the entry signed by the stolen one.
  EXPECT_EQ(person.update(rotate(third, first), second).error().field, "entry 3/proof/verificationMethod");
  EXPECT_TRUE(person.update(rotate(third, first), third).ok());
  EXPECT_TRUE(person.read().ok());
}

TEST(Webvh, WithoutCommitmentTheKeysBeforeSign) {
  const Key first(1), second(2);
  Person person(with_key(first), first);
  WebvhChange change;
  change.update_keys = {second.name};
  EXPECT_EQ(person.update(change, second).error().field, "entry 2/proof/verificationMethod");
  ASSERT_TRUE(person.update(change, first).ok());
  EXPECT_EQ(person.update(WebvhChange{}, first).error().field, "entry 3/proof/verificationMethod");
  ASSERT_TRUE(person.update(WebvhChange{}, second).ok());
  ASSERT_TRUE(person.read().ok());
}

TEST(Webvh, MovesWithItsHistoryWhenPortable) {
  const Key first(1), second(2), third(3);
  Person person(prerotated(first, second), first);
  const std::string before = person.state.did;
  WebDid moved = place("new.example");
  moved.scid = person.state.scid;
  WebvhChange change = rotate(second, third);
  change.document = document_of(moved.text());
  EXPECT_EQ(person.update(change, second).error().field, "entry 2/state/alsoKnownAs");
  (*change.document)["alsoKnownAs"] = Json::array({before});
  ASSERT_TRUE(person.update(change, second).ok());
  EXPECT_EQ(person.read()->did, moved.text());
  // Asked by the old name, the history says where it lives now; by a name it never had, it is refused.
  EXPECT_EQ(read_webvh(person.lines, before, "", kNow + 1'000'000)->did, moved.text());
  moved.host = "evil.example";
  EXPECT_EQ(read_webvh(person.lines, moved.text(), "", kNow + 1'000'000).error().field, "did");

  Person fixed(with_key(first), first);
  change = WebvhChange{};
  change.document = document_of(format("did:webvh:{}:new.example", fixed.state.scid));
  (*change.document)["alsoKnownAs"] = Json::array({fixed.state.did});
  EXPECT_EQ(fixed.update(change, first).error().field, "entry 2/state/id");
  change = WebvhChange{};
  change.portable = true;
  EXPECT_EQ(fixed.update(change, first).error().field, "entry 2/parameters/portable");
  change.portable.reset();
  change.document = document_of("did:webvh:" + Person(prerotated(first, third), first).state.scid + ":home.example");
  EXPECT_EQ(fixed.update(change, first).error().field, "entry 2/state/id");
}

TEST(Webvh, EndsWhenDeactivated) {
  const Key first(1), second(2), third(3);
  Person person(prerotated(first, second), first);
  WebvhChange stop = rotate(second, third);
  stop.next_key_hashes->clear();
  ASSERT_TRUE(person.update(stop, second).ok());
  WebvhChange end;
  end.update_keys.emplace();
  end.deactivate = true;
  ASSERT_TRUE(person.update(end, second).ok());
  const auto read = person.read();
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_TRUE(read->parameters.deactivated);
  EXPECT_EQ(person.update(WebvhChange{}, second).error().field, "entry 4");
}

TEST(Webvh, NeedsItsWitnesses) {
  const Key key(1), a(11), b(12), c(13);
  WebvhParameters parameters = with_key(key);
  parameters.witness = {2, {a.did(), b.did(), c.did()}};
  Person person(parameters, key);
  const auto approve = [&](const Key& witness, std::size_t version) {
    return *witness_webvh(person.state.versions[version - 1].id, witness.method(), witness.sign(), kNow);
  };
  const auto file = [](std::initializer_list<Json> elements) { return Json(std::vector<Json>(elements)).dump(); };
  EXPECT_EQ(person.read().error().kind, ErrorKind::not_found);
  EXPECT_EQ(person.read(file({approve(a, 1)})).error().field, "entry 1");
  EXPECT_TRUE(person.read(file({approve(a, 1), approve(c, 1)})).ok());
  EXPECT_FALSE(person.read(file({approve(a, 1), approve(a, 1)})).ok());  // one witness twice
  EXPECT_FALSE(person.read(file({approve(a, 1), approve(key, 1)})).ok());  // no witness
  Json forged = approve(b, 1);
  forged["proof"][0]["verificationMethod"] = c.method();
  EXPECT_FALSE(person.read(file({approve(a, 1), forged})).ok());

  // A later approval stands for all before; one for a version that is not there stands for nothing.
  WebvhChange change;
  change.witness = Witnesses{};
  ASSERT_TRUE(person.update(change, key).ok());
  EXPECT_FALSE(person.read(file({approve(a, 1), approve(b, 1)})).ok());  // leaving them out needs them too
  EXPECT_TRUE(person.read(file({approve(a, 2), approve(b, 2)})).ok());
  ASSERT_TRUE(person.update(WebvhChange{}, key).ok());  // without witnesses from here on
  EXPECT_TRUE(person.read(file({approve(a, 2), approve(b, 3)})).ok());
  Json unknown = *witness_webvh("9-QmNone", b.method(), b.sign(), kNow);
  EXPECT_FALSE(person.read(file({approve(a, 2), unknown})).ok());
  // From none to some: the entry that names them needs them.
  change.witness = Witnesses{1, {b.did()}};
  ASSERT_TRUE(person.update(change, key).ok());
  EXPECT_FALSE(person.read(file({approve(a, 2), approve(b, 2)})).ok());
  EXPECT_TRUE(person.read(file({approve(a, 2), approve(b, 4)})).ok());
  EXPECT_EQ(person.read("{}").error().field, "did-witness.json");
  EXPECT_EQ(person.read("[{}]").error().field, "did-witness.json");
  EXPECT_EQ(person.read(std::string(limits::kWebvhWitnessFileBytes + 1, ' ')).error().kind, ErrorKind::too_large);
}

// Changes the first entry of a good history, signs and names it anew, and gives the field that is refused.
std::string refused(const std::function<void(Json&)>& change, bool rename = true) {
  const Key key(1);
  Json entry = Json::parse(Person(with_key(key), key).lines);
  const std::string scid = entry["parameters"]["scid"];
  entry.erase("proof");
  change(entry);
  if (rename && entry["versionId"].is_string()) entry["versionId"] = "1-" + *webvh::entry_hash(entry, scid);
  Proof proof;
  proof.method = key.method();
  Json made = *add_proof(entry, proof, key.sign());
  const auto read = read_webvh(made.dump(), format("did:webvh:{}:home.example:people:ada", scid), "", kNow + 1'000);
  return read.ok() ? "accepted" : read.error().field;
}

TEST(Webvh, NamesWhatIsWrong) {
  EXPECT_EQ(refused([](Json&) {}), "accepted");
  // Whatever the first entry says is in its hash, so that a rule is seen before it, or the hash is wrong.
  EXPECT_EQ(refused([](Json& e) { e["state"]["extra"] = 1; }), "entry 1/parameters/scid");
  EXPECT_EQ(refused([](Json& e) { e["versionTime"] = "2020-01-01T00:00:00Z"; }), "entry 1/parameters/scid");
  EXPECT_EQ(refused([](Json& e) { e["parameters"]["scid"] = "a"; }), "entry 1/parameters/scid");
  EXPECT_EQ(refused([](Json& e) { e["parameters"].erase("scid"); }, false), "entry 1/parameters/scid");
  EXPECT_EQ(refused([](Json& e) { e["parameters"].erase("method"); }), "entry 1/parameters/method");
  EXPECT_EQ(refused([](Json& e) { e["parameters"]["method"] = "did:webvh:0.5"; }), "entry 1/parameters/method");
  EXPECT_EQ(refused([](Json& e) { e["parameters"]["updateKeys"] = nullptr; }), "entry 1/parameters/updateKeys");
  EXPECT_EQ(refused([](Json& e) { e["parameters"]["updateKeys"] = Json::array({"z6Mk"}); }),
            "entry 1/parameters/updateKeys");
  EXPECT_EQ(refused([](Json& e) { e["parameters"].erase("updateKeys"); }), "entry 1/parameters/updateKeys");
  EXPECT_EQ(refused([](Json& e) { e["parameters"]["portable"] = 1; }), "entry 1/parameters/portable");
  EXPECT_EQ(refused([](Json& e) { e["parameters"]["ttl"] = -1; }), "entry 1/parameters/ttl");
  EXPECT_EQ(refused([](Json& e) { e["parameters"]["new"] = 1; }), "entry 1/parameters/new");
  EXPECT_EQ(refused([](Json& e) { e["parameters"]["witness"] = Json{{"threshold", 1}}; }),
            "entry 1/parameters/witness/witnesses");
  EXPECT_EQ(refused([](Json& e) {
              e["parameters"]["witness"] =
                  Json{{"threshold", 2}, {"witnesses", Json::array({Json{{"id", Key(5).did()}}})}};
            }),
            "entry 1/parameters/witness/threshold");
  EXPECT_EQ(refused([](Json& e) {
              e["parameters"]["nextKeyHashes"] = Json(std::vector<std::string>(limits::kWebvhKeys + 1, "a"));
            }),
            "entry 1/parameters/nextKeyHashes");
  EXPECT_EQ(refused([](Json& e) { e["versionTime"] = "2099-01-01T00:00:00Z"; }), "entry 1/versionTime");
  EXPECT_EQ(refused([](Json& e) { e["versionTime"] = 5; }), "entry 1/versionTime");
  EXPECT_EQ(refused([](Json& e) { e["versionId"] = "1-Qm"; }, false), "entry 1/versionId");
  EXPECT_EQ(refused([](Json& e) { e["other"] = 1; }), "entry 1");
  EXPECT_EQ(refused([](Json& e) { e.erase("state"); }), "entry 1/state");
}

TEST(Webvh, RefusesAHistoryThatWasChanged) {
  const Key first(1), second(2), third(3), fourth(4);
  Person person(prerotated(first, second), first);
  const std::string one = person.lines;
  ASSERT_TRUE(person.update(rotate(second, third), second).ok());
  const std::string two = person.lines.substr(one.size());
  ASSERT_TRUE(person.update(rotate(third, fourth), third).ok());
  const std::string three = person.lines.substr(one.size() + two.size());
  const auto error = [&person](const std::string& lines) {
    const auto read = read_webvh(lines, person.state.did, "", kNow + 1'000'000);
    return read.ok() ? std::string("accepted") : read.error().field;
  };
  EXPECT_EQ(error(one + two + three), "accepted");
  EXPECT_EQ(error(one + two), "accepted");  // older: the reader remembers what it has seen
  EXPECT_NE(error(one + three), "accepted");
  EXPECT_NE(error(two + three), "accepted");
  EXPECT_NE(error(one + three + two), "accepted");
  EXPECT_NE(error(one + two + two), "accepted");
  EXPECT_NE(error(one + one), "accepted");
  EXPECT_NE(error(one + "\n" + two), "accepted");
  EXPECT_EQ(error(""), "");
  EXPECT_EQ(read_webvh(one, "did:web:home.example", "", kNow).error().field, "did");
  EXPECT_EQ(read_webvh(std::string(limits::kWebvhLogBytes + 1, 'x'), person.state.did, "", kNow).error().kind,
            ErrorKind::too_large);
  // Any character changed to another breaks it, or leaves the same meaning.
  for (std::size_t i = 0; i < two.size(); i += 7) {
    std::string changed = two;
    changed[i] = changed[i] == 'a' ? 'b' : 'a';
    EXPECT_NE(error(one + changed), "accepted") << i;
  }
}

}  // namespace
}  // namespace mw::trust
