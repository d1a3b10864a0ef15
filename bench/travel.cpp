#include "bench/travel.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "crypto/multibase.h"
#include "federation/travel.h"

namespace mw::bench {
namespace {

using federation::Travel;

constexpr std::int64_t kStart = 1'800'000'000'000;  // Unix milliseconds
// Between visits. A destination remembers the nonces of one home until they expire, and takes no more than it can remember.
constexpr std::int64_t kStepMs = 15;
static_assert(limits::kVisitMs / kStepMs < static_cast<std::int64_t>(limits::kVisitNoncesPerHome));
constexpr int kTurns = 10, kSignatures = 2, kVerifications = 5;

double thread_us() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
}

crypto::SigningKey key_of(std::uint32_t number) {
  std::array<Byte, 32> seed{};
  for (int i = 0; i < 4; ++i) seed[static_cast<std::size_t>(i)] = static_cast<Byte>(number >> (8 * i));
  return crypto::SigningKey::from_seed(seed);
}

trust::Sign signer(const crypto::SigningKey& key) {
  return [&key](ByteView message) { return key.sign(message); };
}

struct Person {
  std::string did, history;  // did:webvh and its did.jsonl
};

Result<Person> person_at(const std::string& home) {
  auto place = trust::parse_web_did(home);
  MW_TRY(place);
  place->path = {"people", "ada"};
  trust::DidDocument document;
  document.id = trust::did_placeholder(*place);
  const auto key = key_of(3);
  trust::WebvhParameters parameters;
  parameters.update_keys = {crypto::multikey(key.public_key())};
  parameters.next_key_hashes = {trust::next_key_hash(crypto::multikey(key_of(4).public_key()))};
  parameters.portable = true;
  const auto first =
      trust::create_webvh(trust::to_json(document), parameters, parameters.update_keys[0], signer(key), kStart - 1'000);
  MW_TRY(first);
  return Person{first->state.did, first->line};
}

// A home and a destination, and what they show to each other.
class Hosts {
 public:
  static Result<std::unique_ptr<Hosts>> make() {
    auto hosts = std::unique_ptr<Hosts>(new Hosts);
    for (auto* side : {&hosts->home_, &hosts->away_}) {
      auto journal = records::Journal::open({":memory:", "", 0, false});
      MW_TRY(journal);
      side->journal = *std::move(journal);
      const auto did = trust::did_web(side->authority);
      MW_TRY(did);
      side->document = hosts->document_of(*did, *side);
      auto travel = Travel::load(*side->journal, hosts->setup_of(*did, *side));
      MW_TRY(travel);
      side->travel = *std::move(travel);
    }
    auto person = person_at(hosts->home_.travel->did());
    MW_TRY(person);
    hosts->person_ = *std::move(person);
    return hosts;
  }
  struct Side {
    std::string authority;
    crypto::SigningKey key;
    std::string document;
    std::unique_ptr<records::Journal> journal;
    std::unique_ptr<Travel> travel;
  };
  Travel& home() { return *home_.travel; }
  Travel& away() { return *away_.travel; }
  const Person& person() const { return person_; }

 private:
  Hosts() = default;
  static std::string document_of(const std::string& did, const Side& side) {
    trust::DidDocument document;
    document.id = did;
    document.keys.push_back({did + "#" + crypto::multikey(side.key.public_key()), side.key.public_key(), true, true});
    return data::to_text(trust::to_json(document));
  }
  Travel::Setup setup_of(const std::string& did, const Side& side) {
    Travel::Setup setup;
    setup.authority = side.authority;
    setup.method = did + "#" + crypto::multikey(side.key.public_key());
    setup.sign = signer(side.key);
    setup.secret.fill(7);
    setup.entropy = [](std::span<Byte> out) { crypto::random_bytes(out); };
    setup.fetch = [this](const std::string& url, std::size_t, const auto& answer) { answer(shown(url)); };
    return setup;
  }
  Result<std::string> shown(std::string_view url) const {
    if (url.ends_with("/did.jsonl")) return person_.history;
    for (const auto* side : {&home_, &away_})
      if (url == "https://" + side->authority + "/.well-known/did.json") return side->document;
    return failure(ErrorKind::unavailable, "nothing answers there");
  }

  Side home_{"a.example", key_of(1), {}, {}, {}}, away_{"b.example", key_of(2), {}, {}, {}};
  Person person_;
};

struct Spent {
  double challenge = 0, asked = 0, answer = 0, browser = 0, arrive = 0;
  std::vector<double> visits;
  std::size_t challenge_bytes = 0, credential_bytes = 0;
};

// Runs `call`, which answers at once, adds what it took, and gives what it answered.
template <class T, class Call>
Result<T> timed(double& spent, const Call& call) {
  Result<T> out = failure(ErrorKind::internal, "no answer");
  const double start = thread_us();
  call([&out](Result<T> answer) { out = std::move(answer); });
  spent += thread_us() - start;
  return out;
}

Status visit(Hosts& hosts, std::uint32_t number, Spent& spent) {
  const std::int64_t now = kStart + number * kStepMs;
  const SessionId session{number + 1};
  const auto hosts_before = spent.challenge + spent.asked + spent.answer + spent.arrive;
  double start = thread_us();
  const auto key = key_of(number + 100);
  spent.browser += thread_us() - start;
  const auto challenge = timed<Travel::Challenge>(spent.challenge, [&](auto done) {
    hosts.away().challenge({"a.example", key.public_key(), "plaza", "/w/plaza"}, now, std::move(done));
  });
  MW_TRY(challenge);
  const auto asked = timed<Travel::Asked>(
      spent.asked, [&](auto done) { hosts.home().asked(challenge->challenge, "ada", now, std::move(done)); });
  MW_TRY(asked);
  Travel::Telling telling;
  telling.account = "ada";
  telling.person = hosts.person().did;
  telling.profile = {"Ada", "en", Json{{"height", 1.7}, {"hat", 2}, {"top", 1}, {"top_colour", 4}}};
  const auto answer = timed<Travel::Answer>(spent.answer, [&](auto done) {
    hosts.home().answer(challenge->challenge, std::move(telling), now, std::move(done));
  });
  MW_TRY(answer);
  const auto nonce = hosts.away().nonce(session);
  start = thread_us();
  const auto text = trust::arrival_text(hosts.away().did(), nonce, answer->credential);
  MW_TRY(text);
  const auto signature = key.sign(as_bytes(*text));
  spent.browser += thread_us() - start;
  const auto arrival = timed<Travel::Arrival>(spent.arrive, [&](auto done) {
    hosts.away().arrive({session, answer->credential, key.public_key(), signature}, now, std::move(done));
  });
  MW_TRY(arrival);
  spent.visits.push_back(spent.challenge + spent.asked + spent.answer + spent.arrive - hosts_before);
  spent.challenge_bytes = data::to_text(challenge->challenge).size();
  spent.credential_bytes = data::to_text(answer->credential).size();
  return ok();
}

struct Bare {
  double sign = 0, verify = 0;  // microseconds in all
};

// What a proof signs is two hashes long.
Status bare(std::size_t count, std::uint32_t turn, Bare& spent) {
  const auto key = key_of(turn);
  std::array<Byte, 64> message{};
  std::vector<crypto::Signature> made(count);
  double start = thread_us();
  for (std::size_t i = 0; i < count; ++i) {
    message[0] = static_cast<Byte>(i);
    message[1] = static_cast<Byte>(i >> 8);
    made[i] = key.sign(message);
  }
  spent.sign += thread_us() - start;
  bool good = true;
  start = thread_us();
  for (std::size_t i = 0; i < count; ++i) {
    message[0] = static_cast<Byte>(i);
    message[1] = static_cast<Byte>(i >> 8);
    good = crypto::verify(key.public_key(), message, made[i]) && good;
  }
  spent.verify += thread_us() - start;
  return good ? ok() : failure(ErrorKind::internal, "a signature did not hold");
}

Json report_of(Spent spent, const Bare& floor, std::size_t visits, std::size_t signatures) {
  const auto mean = [&](double us) { return us / static_cast<double>(visits); };
  std::sort(spent.visits.begin(), spent.visits.end());
  const auto quantile = [&](double q) {
    return spent.visits[static_cast<std::size_t>(q * static_cast<double>(visits - 1))];
  };
  const double visit_us = mean(spent.challenge + spent.asked + spent.answer + spent.arrive);
  const double sign_us = floor.sign / static_cast<double>(signatures),
               verify_us = floor.verify / static_cast<double>(signatures);
  const double floor_us = kSignatures * sign_us + kVerifications * verify_us;
  Json report = Json::object();
  report["visits"] = visits;
  report["signatures"] = kSignatures;
  report["verifications"] = kVerifications;
  report["challenge_us"] = mean(spent.challenge);
  report["asked_us"] = mean(spent.asked);
  report["answer_us"] = mean(spent.answer);
  report["arrive_us"] = mean(spent.arrive);
  report["visit_us"] = visit_us;
  report["visit_p50_us"] = quantile(0.5);
  report["visit_p99_us"] = quantile(0.99);
  report["visits_per_s"] = 1e6 / visit_us;
  report["browser_us"] = mean(spent.browser);
  report["sign_us"] = sign_us;
  report["verify_us"] = verify_us;
  report["floor_us"] = floor_us;
  report["over_floor"] = visit_us / floor_us;
  report["challenge_bytes"] = spent.challenge_bytes;
  report["credential_bytes"] = spent.credential_bytes;
  return report;
}

}  // namespace

Result<Json> run_travel(const TravelOptions& options) {
  auto hosts = Hosts::make();
  MW_TRY(hosts);
  const std::size_t each = std::max<std::size_t>(1, options.visits / kTurns);
  Spent warm, spent;
  Bare floor;
  std::uint32_t number = 0;
  for (int i = 0; i < 20; ++i) MW_TRY(visit(**hosts, number++, warm));
  // Visits and floor take turns, so that both meet the same moods of the machine.
  for (std::uint32_t turn = 0; turn < kTurns; ++turn) {
    for (std::size_t i = 0; i < each; ++i) MW_TRY(visit(**hosts, number++, spent));
    MW_TRY(bare(each, turn, floor));
  }
  return report_of(std::move(spent), floor, each * kTurns, each * kTurns);
}

}  // namespace mw::bench
