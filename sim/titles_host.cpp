#include "sim/titles_host.h"

#include "base/format.h"
#include "sim/log_keys.h"

namespace mw::sim {
namespace {

constexpr const char* kReturned = "returned";

std::string returned_line(const trust::AssetId& asset, std::uint64_t number) {
  return format("{} {}", trust::title_hash_text(asset), number);
}

}  // namespace

const crypto::SigningKey& person_key(std::size_t person) {
  static std::map<std::size_t, crypto::SigningKey> made;
  if (const auto found = made.find(person); found != made.end()) return found->second;
  std::array<Byte, 32> seed{};
  seed[1] = static_cast<Byte>(person + 1);
  return made.emplace(person, crypto::SigningKey::from_seed(seed)).first->second;
}

std::optional<std::size_t> person_of(const crypto::PublicKey& key) {
  for (std::size_t i = 0; i < kPeople; ++i)
    if (person_key(i).public_key() == key) return i;
  return std::nullopt;
}

trust::Sign person_signs(std::size_t person) {
  return [person](ByteView message) { return person_key(person).sign(message); };
}

trust::TitlePolicy titles_policy(std::size_t log, std::size_t hosts, std::size_t quorum) {
  trust::TitlePolicy policy{log_name(log), {log_signer(log).key}, {}, quorum};
  for (std::size_t other = 0; other < hosts; ++other) {
    if (other == log) continue;
    const auto& key = witness_signer(other).key;
    policy.witnesses.push_back({key, key.name});
  }
  return policy;
}

TitlesHost::TitlesHost(Setup given, Random random)
    : setup(given),
      name(log_name(given.number)),
      disk(std::make_unique<Disk>(random)),
      storage(std::make_unique<DiskStorage>(*disk)) {
  disk->answer_before_sync(setup.plant == Plant::ack_before_sync);
}

Status TitlesHost::start() {
  auto opened = records::Log::open(*storage);
  MW_TRY(opened);
  records::WitnessPolicy policy;
  std::vector<records::WitnessedLog> witnessed;
  for (std::size_t other = 0; other < setup.hosts; ++other) {
    if (other == setup.number) continue;
    policy.witnesses.push_back(witness_signer(other).key);
    witnessed.push_back({log_name(other), {log_signer(other).key}});
  }
  policy.quorum = setup.quorum;
  auto made = records::Publisher::open(*storage, **opened, log_signer(setup.number), policy);
  MW_TRY(made);
  auto judge = records::Witness::open(*storage, witness_signer(setup.number), std::move(witnessed));
  MW_TRY(judge);
  const auto lines = storage->load(kReturned, 64u << 10);
  if (!lines.ok() && lines.error().kind != ErrorKind::not_found) return lines.error();
  returned_.clear();
  std::string_view rest = lines.ok() ? std::string_view(*lines) : std::string_view();
  for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    returned_.emplace(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  trust::TitleIndex replayed(name);
  for (std::uint64_t i = 0; i < (*opened)->size(); ++i) {
    const auto entry = (*opened)->entry(i);
    MW_TRY(entry);
    replayed.apply(i, *entry);
  }
  log = *std::move(opened);
  publisher = *std::move(made);
  witness = *std::move(judge);
  index = std::move(replayed);
  return ok();
}

void TitlesHost::stop() {
  witness.reset();
  publisher.reset();
  log.reset();
  index.reset();
  clock = {};
  verifiers.clear();
  held.clear();
  asked_ms_.clear();
  checked_round_ = 0;
  checked_ms_ = 0;
}

Result<std::uint64_t> TitlesHost::append(const std::vector<Bytes>& entries) {
  const std::vector<ByteView> views(entries.begin(), entries.end());
  const auto first = log->append(views);
  MW_TRY(first);
  for (std::size_t i = 0; i < entries.size(); ++i) index->apply(*first + i, entries[i]);
  return first;
}

void TitlesHost::begin(bool again, std::int64_t now_ms) {
  const std::uint64_t before = publisher->round();
  (void)publisher->begin(again).ok();
  if (publisher->round() != before) asked_ms_ = {{publisher->round(), now_ms}};
}

void TitlesHost::check_clock(std::int64_t now_ms) {
  const std::uint64_t round = publisher->published_round();
  if (round == 0 || round == checked_round_ || !asked_ms_.contains(round)) return;
  // Some are enough, and a check that failed is made again.
  if (now_ms - checked_ms_ < 2'500 && clock.good(now_ms).ok()) return;
  checked_round_ = round;
  checked_ms_ = now_ms;
  const auto counted =
      trust::count_cosignatures(titles_policy(setup.number, setup.hosts, setup.quorum), *publisher->published());
  if (counted.ok()) (void)clock.answered(counted->time_s, asked_ms_[round], now_ms).ok();
}

Status TitlesHost::follow(TitlesHost& other, std::int64_t) {
  const std::size_t number = other.setup.number;
  if (!verifiers.contains(number)) {
    auto made = trust::TitleVerifier::make(titles_policy(number, setup.hosts, setup.quorum));
    MW_TRY(made);
    verifiers.emplace(number, *std::move(made));
  }
  auto& verifier = verifiers.at(number);
  const auto& published = other.publisher->published();
  const auto& latest = verifier.auditor().latest();
  if (latest && latest->checkpoint.size == published->checkpoint.size &&
      latest->checkpoint.root == published->checkpoint.root)
    return ok();
  const auto fetch = [&other](const records::TileName& tile) { return other.log->read(tile); };
  const auto followed = verifier.follow(format_note(published->note), fetch);
  if (!followed.ok()) return followed.error();
  return ok();
}

Status TitlesHost::take_lease(const TitlesHost& home, const trust::AssetId& asset) {
  const auto standing = verifiers.at(home.setup.number).standing(asset);
  if (!standing.ok()) return standing.error();
  const auto& lease = standing->title.lease;
  if (!lease || lease->holder != log_signer(setup.number).key.key)
    return failure(ErrorKind::forbidden, "the lease is another host's");
  if (returned_.contains(returned_line(asset, lease->number)))
    return failure(ErrorKind::forbidden, "it was given back");
  held[asset] = {home.setup.number, *lease};
  return ok();
}

bool TitlesHost::clock_good(std::int64_t now_ms) const {
  return setup.plant == Plant::clock_unchecked || clock.good(now_ms).ok();
}

bool TitlesHost::shows_own(const trust::AssetId& asset, std::int64_t now_ms) const {
  if (!open()) return false;
  const auto* title = index->find(asset);
  if (title == nullptr) return false;
  if (!title->lease) return true;
  if (setup.plant == Plant::lease_kept) return false;
  if (setup.plant == Plant::no_margin) return now_ms >= title->lease->until_s * 1'000;
  return clock_good(now_ms) && trust::at_home(*title, now_ms);
}

bool TitlesHost::shows_held(const trust::AssetId& asset, std::int64_t now_ms) const {
  const auto at = held.find(asset);
  if (!open() || at == held.end() || !clock_good(now_ms)) return false;
  const auto& lease = at->second.lease;
  if (setup.plant == Plant::no_margin) return now_ms >= lease.from_s * 1'000 && now_ms < lease.until_s * 1'000;
  return trust::may_show(lease, log_signer(setup.number).key.key, now_ms).ok();
}

Result<trust::TitleRecord> TitlesHost::give_back(const trust::AssetId& asset, std::int64_t now_ms) {
  const Held one = held.at(asset);
  // The others reckon with a holder that shows it until the skew before this time.
  const std::int64_t at_s = std::max(one.lease.from_s, (now_ms + limits::kClockSkewMs) / 1'000 + 1);
  if (at_s >= one.lease.until_s) return failure(ErrorKind::unavailable, "it ends before it could be given back");
  auto lines = returned_;
  lines.insert(returned_line(asset, one.lease.number));
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  MW_TRY(storage->replace(kReturned, text));
  returned_ = std::move(lines);
  held.erase(asset);
  const std::vector<trust::Sign> signers{log_signer(setup.number).sign};
  return trust::sign_title(log_name(one.home), trust::TitleReturn{asset, one.lease.number, at_s}, signers);
}

}  // namespace mw::sim
