#include "sim/home.h"

#include <algorithm>
#include <utility>

#include "records/checkpoint.h"
#include "server/identity.h"
#include "server/peers.h"
#include "server/title_log.h"
#include "trust/carried.h"

namespace mw::sim {

// The host's log, which says at once what a thread of its own would say later.
class Home::TitleLog final : public federation::TitleLog {
 public:
  TitleLog(const Setup& setup, std::unique_ptr<records::Log> log)
      : setup_(setup), key_(crypto::public_key(setup.keeper->public_key()).value()), log_(std::move(log)) {}

  std::string origin() const override { return trust::log_origin(key_); }
  std::uint64_t final_size() const override { return 0; }
  void append(Bytes entry, std::function<void(Result<std::uint64_t>)> done) override {
    const std::vector<ByteView> batch(1, entry);
    setup_.post([done = std::move(done), index = log_->append(batch)] { done(index); });
  }
  void read(std::uint64_t first, std::function<void(Result<std::vector<Bytes>>)> done) override {
    setup_.post([done = std::move(done), out = entries_from(first)] { done(out); });
  }
  void prove(std::vector<std::uint64_t>, std::function<void(Result<trust::TitleProof>)> done) override {
    setup_.post([done = std::move(done)] { done(failure(ErrorKind::unavailable, "nobody asks for proofs here")); });
  }
  Status clock(std::int64_t) const override { return setup_.clock(); }

  // What is served under /log/.
  Result<std::string> get(std::string_view path) const {
    if (path == "checkpoint") return checkpoint();
    const auto name = records::parse_tile_path(path);
    MW_TRY(name);
    const auto bytes = log_->read(*name);
    MW_TRY(bytes);
    return std::string(as_text(*bytes));
  }

 private:
  Result<std::vector<Bytes>> entries_from(std::uint64_t first) const {
    std::vector<Bytes> out;
    for (auto i = first; i < log_->size(); ++i) {
      auto entry = log_->entry(i);
      MW_TRY(entry);
      out.push_back(*std::move(entry));
    }
    return out;
  }
  Result<std::string> checkpoint() const {
    const auto key = records::note_key(origin(), records::SignatureType::ed25519, key_);
    MW_TRY(key);
    const records::NoteSigner signer{*key, [this](ByteView message) {
                                       crypto::Signature signature{};
                                       const Bytes made = setup_.keeper->sign(message);
                                       std::copy(made.begin(), made.end(), signature.begin());
                                       return signature;
                                     }};
    return format_note(records::sign_checkpoint(signer, {origin(), log_->size(), log_->root(), {}}).note);
  }

  const Setup& setup_;
  crypto::PublicKey key_;
  std::unique_ptr<records::Log> log_;
};

Home::Home(Setup setup) : setup_(std::move(setup)) {}
Home::~Home() = default;

Result<std::unique_ptr<Home>> Home::open(Setup setup, std::function<void(Status)> read) {
  std::unique_ptr<Home> home(new Home(std::move(setup)));
  MW_TRY(home->load());
  MW_TRY(home->open_log());
  MW_TRY(home->open_abroad());
  home->titles_->start(std::move(read));
  return home;
}

Status Home::load() {
  auto& journal = setup_.store->journal();
  auto place = federation::home_of(url(), setup_.authority);
  MW_TRY(place);
  auto accounts = federation::Accounts::load(journal, *place, setup_.entropy);
  MW_TRY(accounts);
  accounts_ = *std::move(accounts);

  auto rules = server::travel_setup({}, *place, *setup_.keeper, [this](auto link, std::size_t max_bytes, auto answer) {
    ask({"GET", link, {}, ""}, max_bytes, [answer](Result<edge::Fetched> got) {
      if (!got.ok()) return answer(got.error());
      if (got->status != 200) return answer(failure(ErrorKind::unavailable, "it has no such document"));
      answer(std::move(got->body));
    });
  });
  MW_TRY(rules);
  rules->entropy = setup_.entropy;
  setup_.entropy(rules->secret);
  auto travel = federation::Travel::load(journal, *std::move(rules));
  MW_TRY(travel);
  travel_ = *std::move(travel);

  auto calls = server::host_calls_setup(*place, *setup_.keeper);
  MW_TRY(calls);
  calls->entropy = setup_.entropy;
  calls->now_ms = setup_.now_ms;
  calls->ask = [this](const edge::FetchRequest& request, std::size_t max_bytes, auto answer) {
    ask(request, max_bytes, std::move(answer));
  };
  host_calls_ = std::make_unique<server::HostCalls>(*std::move(calls), *travel_);
  auto friends = federation::Friends::load(journal, {setup_.authority, setup_.entropy});
  MW_TRY(friends);
  friends_ = *std::move(friends);
  accounts_->attach(*setup_.store);
  travel_->attach(*setup_.store);
  friends_->attach(*setup_.store);
  return ok();
}

Status Home::open_log() {
  storage_ = std::make_unique<DiskStorage>(*setup_.disk);
  auto log = records::Log::open(*storage_);
  MW_TRY(log);
  log_ = std::make_unique<TitleLog>(setup_, *std::move(log));
  titles_ = std::make_unique<federation::Titles>(
      *log_, *setup_.store, [this](VisitorId who) { return server::kept_title_key(*setup_.keeper, who); });
  return ok();
}

Status Home::open_abroad() {
  const auto key = crypto::public_key(setup_.keeper->public_key());
  MW_TRY(key);
  carrying_ = std::make_unique<federation::Carrying>(
      federation::Carrying::Setup{travel_->did(), *key, follow(), server::log_key_of(*travel_, setup_.now_ms),
                                  [this](std::int64_t now_ms) { return log_->clock(now_ms); }});
  auto abroad = federation::Abroad::load(
      setup_.store->journal(), {[this](VisitorId who) { return server::kept_title_key(*setup_.keeper, who); }, follow(),
                                [this](const std::string& host, const std::string& method, Json params, auto answer) {
                                  host_calls_->send(host, method, std::move(params), std::move(answer));
                                },
                                [this](std::int64_t now_ms) { return log_->clock(now_ms); }});
  MW_TRY(abroad);
  abroad_ = *std::move(abroad);
  abroad_->attach(*setup_.store);
  return ok();
}

void Home::provide(server::ControlServices& services) const {
  services.accounts = accounts_.get();
  services.titles = titles_.get();
  services.travel = travel_.get();
  services.carrying = carrying_.get();
  services.host_calls = host_calls_.get();
  services.abroad = abroad_.get();
  services.friends = friends_.get();
}

// The answer is dropped when this life is over by then: `post` sees to it, and `setup_` is looked at in none of it.
void Home::ask(const edge::FetchRequest& request, std::size_t max_bytes, Internet::Answer answer) {
  setup_.internet->ask(setup_.authority, request,
                       [post = setup_.post, max_bytes, answer = std::move(answer)](Result<edge::Fetched> got) {
                         if (got.ok() && got->body.size() > max_bytes)
                           got = failure(ErrorKind::too_large, "longer than was asked for");
                         post([answer, got = std::move(got)] { answer(got); });
                       });
}

federation::FollowLog Home::follow() {
  return [this](federation::LogQuestion question, auto answer) {
    setup_.post([this, question = std::move(question), answer = std::move(answer)] { answer(read_log(question)); });
  };
}

Result<federation::Standings> Home::read_log(const federation::LogQuestion& question) {
  auto at = followed_.find(question.host);
  if (at == followed_.end()) {
    auto made = server::FollowedLog::make(question.host, question.host_key, {});
    MW_TRY(made);
    at = followed_.emplace(question.host, *std::move(made)).first;
  }
  const auto get = [this](const std::string& link, std::size_t) -> Result<std::string> {
    if (link.starts_with(url() + "/")) return document(link.substr(url().size()));
    return setup_.internet->get(setup_.authority, link);
  };
  MW_TRY(at->second.follow(get));
  return at->second.answer(question);
}

void Home::serve(const edge::PublicRequest& request, std::function<void(edge::HttpReply)> answer) {
  if (request.post && request.path == edge::kHostCallsPath) return host_calls_->receive(request, std::move(answer));
  if (server::is_history(request.path)) return server::serve_history(accounts_.get(), request.path, std::move(answer));
  const auto found = document(request.path);
  if (found.ok()) return answer({200, "application/json", *found, "no-store"});
  answer({404, "text/plain", "not there\n", "no-store"});
}

Result<std::string> Home::document(const std::string& path) const {
  if (path == "/.well-known/did.json")
    return server::identity_document(travel_->did(), crypto::public_key(setup_.keeper->public_key()).value(), url());
  constexpr std::string_view kLog = "/log/";
  if (path.starts_with(kLog)) return log_->get(path.substr(kLog.size()));
  return failure(ErrorKind::not_found, "not there");
}

}  // namespace mw::sim
