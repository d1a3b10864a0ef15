#include "server/peers.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/format.h"
#include "base/limits.h"
#include "crypto/multibase.h"
#include "platform/clock.h"
#include "server/title_log.h"
#include "trust/did.h"
#include "trust/introduction.h"

namespace mw::server {

namespace {

std::vector<trust::CountedWitness> counted_witnesses(const HostOptions& options) {
  std::vector<trust::CountedWitness> witnesses;
  for (const auto& text : options.witnesses) {
    const auto witness = parse_witness(text).value();  // check_options has read them
    witnesses.push_back({witness.key, witness.key.name});
  }
  return witnesses;
}

GetDocument get_document(edge::FetchRules rules) {
  return [rules = std::move(rules)](const std::string& url, std::size_t max_bytes) -> Result<std::string> {
    auto own = rules;
    own.max_bytes = max_bytes;
    auto got = edge::fetch({"GET", url, {{"Accept", "*/*"}}, ""}, own);
    MW_TRY(got);
    if (got->status != 200) return failure(ErrorKind::unavailable, format("{} answered {}", url, got->status));
    return std::move(got->body);
  };
}

// The name of the host's key, as in its did.json.
Result<std::string> method_of(const std::string& did, const trust::Keeper& keeper) {
  const auto key = crypto::public_key(keeper.public_key());
  MW_TRY(key);
  return did + "#" + crypto::multikey(*key);
}

trust::Sign signer_of(const trust::Keeper& keeper) {
  return [&keeper](ByteView message) {
    crypto::Signature signature{};
    const Bytes bytes = keeper.sign(message);
    MW_ASSERT(bytes.size() == signature.size());
    std::ranges::copy(bytes, signature.begin());
    return signature;
  };
}

constexpr std::size_t kIntroducers = 16;  // each is asked before somebody unknown is let in
constexpr std::string_view kPeople = "/people/", kHistory = "/did.jsonl";

}  // namespace

bool is_history(std::string_view path) { return path.starts_with(kPeople) && path.ends_with(kHistory); }

void serve_history(federation::Accounts* accounts, std::string_view path, std::function<void(edge::HttpReply)> reply) {
  const edge::HttpReply none{404, "text/plain; charset=utf-8", "nobody of that name lives here\n", "no-store"};
  if (accounts == nullptr || path.size() <= kPeople.size() + kHistory.size()) return reply(none);
  path.remove_prefix(kPeople.size());
  path.remove_suffix(kHistory.size());
  accounts->history(path, [none, reply = std::move(reply)](Result<std::string> lines) {
    if (lines.ok()) return reply({200, "text/jsonl; charset=utf-8", *std::move(lines), "no-cache"});
    reply(lines.error().kind == ErrorKind::not_found
              ? none
              : edge::HttpReply{503, "text/plain; charset=utf-8", lines.error().text() + "\n", "no-store"});
  });
}

edge::FetchRules fetch_rules(const HostOptions& options) {
  edge::FetchRules rules;
  rules.loopback = options.fetch_loopback;
  rules.authorities = options.fetch_authorities;
  rules.timeout_ms = limits::kFetchMs;
  return rules;
}

Result<federation::Travel::Setup> travel_setup(const HostOptions& options, const federation::Home& home,
                                               const trust::Keeper& keeper, federation::Travel::Fetch fetch) {
  const auto did = trust::did_web(home.authority);
  MW_TRY(did);
  auto method = method_of(*did, keeper);
  MW_TRY(method);
  const auto policy = federation::travel_policy(options.travel);
  MW_TRY(policy);
  federation::Travel::Setup setup;
  setup.authority = home.authority;
  setup.method = *std::move(method);
  setup.sign = signer_of(keeper);
  crypto::random_bytes(
      setup.secret);  // challenges of before a restart are void, and the nonces spent by then with them
  setup.entropy = [](std::span<Byte> out) { crypto::random_bytes(out); };
  setup.rules = {*policy, options.travel_hosts, static_cast<std::size_t>(options.travel_visitors_per_host),
                 options.travel_introduces};
  if (*policy == federation::TravelPolicy::introduction && setup.rules.hosts.size() > kIntroducers)
    return invalid("travel_hosts", format("expected at most {} where people come by introduction", kIntroducers));
  for (const auto* list : {&options.travel_hosts, &options.travel_introduces})
    for (const auto& host : *list)
      if (const auto name = trust::did_web(host); !name.ok())
        return invalid(list == &options.travel_hosts ? "travel_hosts" : "travel_introduces",
                       format("{}: {}", host, name.error().message));
  if (setup.rules.introduces.size() > trust::kIntroductions)
    return invalid("travel_introduces", format("expected at most {}", trust::kIntroductions));
  setup.fetch = std::move(fetch);
  return setup;
}

Result<std::unique_ptr<federation::Friends>> load_friends(records::Journal& journal, const federation::Home& home) {
  return federation::Friends::load(journal, {home.authority, [](std::span<Byte> out) { crypto::random_bytes(out); }});
}

Result<HostCalls::Setup> host_calls_setup(const federation::Home& home, const trust::Keeper& keeper) {
  const auto did = trust::did_web(home.authority);
  MW_TRY(did);
  auto method = method_of(*did, keeper);
  MW_TRY(method);
  HostCalls::Setup setup;
  setup.authority = home.authority;
  setup.did = *did;
  setup.method = *std::move(method);
  setup.sign = signer_of(keeper);
  setup.entropy = [](std::span<Byte> out) { crypto::random_bytes(out); };
  setup.now_ms = [] { return platform::wall_ms(); };
  return setup;
}

HostLine::HostLine(const HostOptions& options, HostCalls::Setup setup, federation::Travel& travel, Fetcher::Post to)
    : post(to),
      fetcher(fetch_rules(options), to),
      figures(fetch_rules(options), std::move(to)),
      calls(
          [&] {
            setup.ask = [this](edge::FetchRequest request, std::size_t max_bytes, auto answer) {
              fetcher.ask(std::move(request), max_bytes, std::move(answer));
            };
            return std::move(setup);
          }(),
          travel) {}

Result<std::unique_ptr<HostLine>> open_line(records::Journal& journal, const HostOptions& options,
                                            const federation::Home& home, const trust::Keeper& keeper,
                                            federation::Travel& travel, Fetcher::Post post) {
  auto calls = host_calls_setup(home, keeper);
  MW_TRY(calls);
  auto friends = load_friends(journal, home);
  MW_TRY(friends);
  auto line = std::make_unique<HostLine>(options, *std::move(calls), travel, std::move(post));
  line->friends = *std::move(friends);
  return line;
}

void HostLine::attach(records::Store& store, Avatars& avatars) {
  friends->attach(store);
  avatars.reach([this](std::string url, std::size_t max_bytes, auto answer) {
    figures.get(std::move(url), max_bytes, std::move(answer));
  });
}

void HostLine::stop() {
  fetcher.stop();
  figures.stop();
}

void HostLine::handle(edge::PublicRequest request, std::function<void(edge::HttpReply)> reply) {
  // Refused all the same, without being carried to the control loop first.
  if (request.body.size() > kHostCallBytes) request.body.resize(kHostCallBytes + 1);
  post([this, request = std::move(request), reply = std::move(reply)]() mutable {
    calls.receive(std::move(request), std::move(reply));
  });
}

federation::LogKeyOf log_key_of(federation::Travel& travel, std::function<std::int64_t()> now_ms) {
  return [&travel, now_ms = std::move(now_ms)](const std::string& host, const std::string& log, auto answer) {
    travel.log_key(host, log, now_ms(), std::move(answer));
  };
}

Luggage::Luggage(const HostOptions& options, federation::Travel& travel, const trust::Keeper& keeper,
                 const PublicLog& log, TitleFollower::Post post)
    : follower(get_document(fetch_rules(options)), counted_witnesses(options), std::move(post)),
      carrying({travel.did(), crypto::public_key(keeper.public_key()).value(),
                [this](auto question, auto answer) { follower.follow(std::move(question), std::move(answer)); },
                log_key_of(travel, platform::wall_ms), [&log](std::int64_t now_ms) { return log.clock(now_ms); }}) {}

Result<std::unique_ptr<federation::Abroad>> open_abroad(records::Journal& journal, const trust::Keeper& keeper,
                                                        const std::unique_ptr<Luggage>& luggage, HostLine& line,
                                                        const std::unique_ptr<PublicLog>& log) {
  federation::Abroad::Setup setup;
  setup.key_of = [&keeper](VisitorId visitor) { return kept_title_key(keeper, visitor); };
  setup.follow = [&luggage](auto question, auto answer) {
    luggage->follower.follow(std::move(question), std::move(answer));
  };
  setup.call = [&line](const auto& host, const auto& method, Json params, auto answer) {
    line.calls.send(host, method, std::move(params), std::move(answer));
  };
  setup.clock = [&log](std::int64_t now_ms) { return log->clock(now_ms); };
  return federation::Abroad::load(journal, std::move(setup));
}

}  // namespace mw::server
