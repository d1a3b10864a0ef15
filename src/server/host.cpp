#include "server/host.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "base/format.h"
#include "base/limits.h"
#include "crypto/crypto.h"
#include "edge/edges.h"
#include "federation/accounts.h"
#include "platform/clock.h"
#include "platform/files.h"
#include "platform/process.h"
#include "runtime/log.h"
#include "runtime/loop.h"
#include "runtime/published.h"
#include "server/bearers.h"
#include "server/control.h"
#include "server/fetcher.h"
#include "server/identity.h"
#include "server/inbox.h"
#include "server/library.h"
#include "server/links.h"
#include "server/peers.h"
#include "server/portal_look.h"
#include "server/public_log.h"
#include "server/telemetry.h"
#include "server/title_log.h"
#include "server/world_folder.h"

#ifndef MW_VERSION
#define MW_VERSION "0.1.0"
#endif

namespace mw::server {
namespace {

constexpr std::int64_t kTickNs = std::int64_t{limits::kTickMs} * 1'000'000;
constexpr std::size_t kCacheFiles = 200;
// How many entries the log had, as the database knows it: a log with fewer is an older copy. It may lag behind, never lead.
constexpr std::string_view kLoggedKey = "log/size";
constexpr double kQualityEveryS = 5;  // /sla.json and its metrics are at most so old
constexpr std::string_view kAbout = "/.well-known/manyworlds.json";
constexpr std::string_view kIntroductions = "/.well-known/manyworlds-introductions.json";

Now time_now() { return {static_cast<double>(platform::monotonic_ns()) / 1e9, platform::wall_ms()}; }

}  // namespace

std::string_view version() { return MW_VERSION; }

struct Host::State {
  HostStart given;
  double start_seconds = 0;
  std::optional<platform::FileLock> lock;
  std::shared_ptr<AvatarFiles> avatar_files;
  std::unique_ptr<Avatars> avatars;
  std::unique_ptr<Library> library;
  std::unique_ptr<MadeCache> cache;
  std::thread cache_writer;
  std::vector<world::Problem> problems;
  std::vector<std::string> open_worlds;
  runtime::Metrics metrics;
  Bearers bearers;
  tracks::FramePool pool;
  runtime::Loop loop{"control"};
  std::unique_ptr<records::StoreQueue> store;
  std::unique_ptr<trust::Keeper> keeper;
  std::unique_ptr<federation::Accounts> accounts;  // null: the host can be nobody's home
  std::string no_accounts;  // why
  std::unique_ptr<Fetcher> fetcher;  // documents of other hosts
  std::unique_ptr<PortalLooks> looks;
  std::unique_ptr<federation::Travel> travel;  // null where there are no accounts
  std::unique_ptr<HostLine> line;  // likewise
  std::unique_ptr<PublicLog> public_log;
  std::unique_ptr<TitlesInPublicLog> title_log;
  std::unique_ptr<federation::Titles> titles;
  std::unique_ptr<Luggage> luggage;  // null where nobody travels
  std::unique_ptr<federation::Abroad> abroad;  // likewise
  std::unique_ptr<Inbox> inbox;
  std::unique_ptr<edge::Edges> edges;
  std::unique_ptr<Control> control;
  std::unique_ptr<Telemetry> telemetry;
  std::unique_ptr<platform::Wake> wake;
  std::unique_ptr<platform::Timer> timer;
  std::unique_ptr<platform::Signals> signals;
  std::vector<Letter> letters;
  std::int64_t first_tick_ns = 0;
  std::uint32_t tick = 0;
  std::uint64_t logged = 0;  // entries of the log that the database knows of
  double published_s = 0;
  std::string operator_link;
  std::atomic<std::uint64_t> people{0};
  runtime::Published<std::string> quality;  // /sla.json
  runtime::Published<std::string> about;  // /.well-known/manyworlds.json
  runtime::Published<std::string> introductions;  // whom this host vouches for
  double quality_s = -1e9;
  platform::BusyShare control_busy, all_busy;
  const int cores = platform::cores();
  bool stopped = false;

  std::mutex mutex;
  std::condition_variable changed;
  bool stop_wanted = false;

  Status open_data();
  Status open_accounts(records::Journal& journal);
  void meet_hosts(std::int64_t now_ms);
  Status open_travel(records::Journal& journal);
  std::vector<ReadWorld> read_worlds(const std::vector<WorldFolder>& folders);
  Status open_edges();
  void open_control();
  void read_titles();
  void open_worlds_of(std::vector<ReadWorld> read);
  void show_identity();
  void make_operator_link();
  void start_ticking();
  void on_letters();
  void on_letter(Letter& letter, Now now);
  void on_tick();
  void reload();
  void read_claims();
  double busy(std::int64_t now_ns);
  void note_log_size();
  Fetcher::Post loop_post = [this](std::function<void()> work) { loop.post(std::move(work)); };
  std::string link() const { return link_to(given.options, edges->port()); }
  Status write_ready_file();
};

// --- Starting --------------------------------------------------------------------------------------------------------

Status Host::State::open_data() {
  const auto& options = given.options;
  MW_TRY(platform::make_folder(options.data, 0700));
  auto taken = platform::FileLock::take(options.data + "/lock");
  if (!taken.ok()) {
    if (taken.error().kind != ErrorKind::conflict) return taken.error();
    return Error{ErrorKind::conflict, "data", format("another host is running on '{}'", options.data)};
  }
  lock.emplace(std::move(taken).value());
  records::Options database;
  database.path = options.data + "/manyworlds.db";
  database.max_bytes = static_cast<std::uint64_t>(options.database_mb) << 20;
  auto journal = records::Journal::open(database);
  MW_TRY(journal);
  auto loaded =
      trust::Keeper::load(**journal, [](std::span<Byte> out) { crypto::random_bytes(out); }, platform::wall_ms());
  MW_TRY(loaded);
  keeper = std::move(loaded).value();
  const auto known = (*journal)->get(kLoggedKey);
  MW_TRY(known);
  if (*known) std::from_chars((*known)->data(), (*known)->data() + (*known)->size(), logged);
  bearers.set(keeper->bearer_hashes());
  MW_TRY(open_accounts(**journal));
  MW_TRY(open_travel(**journal));
  auto kept = Avatars::load(**journal, avatar_rules(options), *avatar_files,
                            [](std::span<Byte> out) { crypto::random_bytes(out); });
  MW_TRY(kept);
  avatars = *std::move(kept);
  store = std::make_unique<records::StoreQueue>(std::move(journal).value(), loop_post);
  keeper->attach(*store);
  avatars->attach(*store);
  if (accounts) accounts->attach(*store);
  if (travel) travel->attach(*store);
  if (abroad) abroad->attach(*store);
  if (line) line->attach(*store, *avatars);
  PublicLogSetup log;
  log.data = options.data;
  log.witness_for = options.witness_for;
  for (const auto& text : options.witnesses) log.witnesses.push_back(parse_witness(text).value());
  log.quorum = static_cast<std::size_t>(options.witness_quorum);
  log.rules = fetch_rules(options);
  log.rules.max_bytes = limits::kNoteBytes;
  log.known_size = logged;
  auto opened = PublicLog::open(std::move(log), *keeper);
  MW_TRY(opened);
  public_log = *std::move(opened);
  return ok();
}

// A host without a name is nobody's home: passkeys and identifiers are bound to it.
Status Host::State::open_accounts(records::Journal& journal) {
  auto home = federation::home_of(given.options.public_url, given.options.name);
  if (!home.ok()) {
    no_accounts = home.error().text();
    return ok();
  }
  auto loaded =
      federation::Accounts::load(journal, *std::move(home), [](std::span<Byte> out) { crypto::random_bytes(out); });
  MW_TRY(loaded);
  accounts = *std::move(loaded);
  return ok();
}

// Whoever can be nobody's home can be asked by nobody who it is: accounts and travel want the same name.
Status Host::State::open_travel(records::Journal& journal) {
  fetcher = std::make_unique<Fetcher>(fetch_rules(given.options), loop_post);
  const auto fetch = [this](std::string url, std::size_t max_bytes, std::function<void(Result<std::string>)> answer) {
    fetcher->get(std::move(url), max_bytes, std::move(answer));
  };
  looks = std::make_unique<PortalLooks>(fetch);
  if (!accounts) return ok();
  auto setup = travel_setup(given.options, accounts->home(), *keeper, fetch);
  MW_TRY(setup);
  auto loaded = federation::Travel::load(journal, *std::move(setup));
  MW_TRY(loaded);
  travel = *std::move(loaded);
  auto opened = open_line(journal, given.options, accounts->home(), *keeper, *travel, loop_post);
  MW_TRY(opened);
  line = *std::move(opened);
  auto owned = open_abroad(journal, *keeper, luggage, *line, public_log);
  MW_TRY(owned);
  abroad = *std::move(owned);
  return ok();
}

// Every world on a thread of its own, and what they share on this one: reading is mostly the kit's work.
std::vector<ReadWorld> Host::State::read_worlds(const std::vector<WorldFolder>& folders) {
  const auto cache_folder = given.options.data + "/cache";
  cache = std::make_unique<MadeCache>(cache_folder);
  sweep_cache(cache_folder, kCacheFiles);
  std::vector<std::string> names;
  for (const auto& folder : folders) names.push_back(folder.name);
  std::vector<ReadWorld> read(folders.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < folders.size(); i = next++)
      read[i] = read_world(folders[i], names, *library, *cache);
  };
  std::vector<std::thread> threads;
  const auto helpers =
      std::min<std::size_t>(folders.size(), static_cast<std::size_t>(std::max(platform::cores() - 1, 1)));
  for (std::size_t i = 0; i < helpers; ++i) threads.emplace_back(work);
  const auto shared = make_shared_models(*library, *cache);
  work();
  for (auto& thread : threads) thread.join();
  for (auto& world : read) {
    if (!world.setup) continue;
    world.setup->catalogue = shared.catalogue;
    world.setup->links.person = shared.person_url;
  }
  return read;
}

Status Host::State::open_edges() {
  auto config = edges_config(given.options);
  config.is_operator = [this](std::string_view bearer) { return bearers.has(bearer); };
  config.on_public = [this](edge::PublicRequest request, std::function<void(edge::HttpReply)> reply) {
    if (request.path == kAbout || (travel && request.path == kIntroductions)) {
      const auto text = request.path == kAbout ? about.load() : introductions.load();
      return reply(text ? edge::HttpReply{200, "application/json", *text, "no-cache"}
                        : edge::HttpReply{503, "text/plain; charset=utf-8", "not yet\n", "no-store"});
    }
    if (request.path == edge::kHostCallsPath)
      return line ? line->handle(std::move(request), std::move(reply))
                  : reply(
                        {404, "text/plain; charset=utf-8", "this host has no name: " + no_accounts + "\n", "no-store"});
    if (is_history(request.path))
      return loop.post(
          [this, path = request.path, reply = std::move(reply)] { serve_history(accounts.get(), path, reply); });
    public_log->handle(request, std::move(reply));
  };
  config.quality = [this] { return quality.load(); };
  config.health = [this] { return format(R"({{"version":"{}","people":{}}})", version(), people.load()); };
  auto made = edge::Edges::make(std::move(config), *inbox, *library, metrics);
  MW_TRY(made);
  edges = std::move(made).value();
  return ok();
}

void Host::State::open_control() {
  ControlSetup setup;
  setup.name = given.options.name;
  setup.version = version();
  setup.viewer_bandwidth = given.options.viewer_bandwidth;
  setup.process_status = [this] { return telemetry->process(); };
  setup.log_status = [this] { return to_json(public_log->status()); };
  setup.no_accounts = no_accounts;
  setup.operated_by = given.options.operated_by;
  setup.look = [this](const std::string& url, std::function<void(Json)> answer) {
    looks->look(url, platform::wall_ms(), std::move(answer));
  };
  setup.operators_changed = [this] { bearers.set(keeper->bearer_hashes()); };
  title_log = std::make_unique<TitlesInPublicLog>(*public_log, loop_post);
  titles = std::make_unique<federation::Titles>(*title_log, *store,
                                                [this](VisitorId visitor) { return kept_title_key(*keeper, visitor); });
  if (travel) luggage = std::make_unique<Luggage>(given.options, *travel, *keeper, *public_log, loop_post);
  control = std::make_unique<Control>(
      std::move(setup), ControlServices{*edges, pool, *store, *keeper, accounts.get(), titles.get(), travel.get(),
                                        luggage ? &luggage->carrying : nullptr, line ? &line->calls : nullptr,
                                        abroad.get(), line ? line->friends.get() : nullptr, avatars.get()});
  telemetry = std::make_unique<Telemetry>(metrics, std::string(version()));
  control->registry().set_clock([] { return static_cast<double>(platform::monotonic_ns()) / 1e9; });
  control->registry().set_observer([](const calls::Finished& call) {
    runtime::log_debug("calls", "call",
                       {{"trace", call.trace},
                        {"method", call.method},
                        {"session", call.caller->session.value},
                        {"http", call.caller->over_http},
                        {"ms", call.seconds * 1000},
                        {"code", call.code},
                        {"message", call.message}});
  });
}

// Before the worlds open: a thing that is leased to another host is shown in its own by nobody.
void Host::State::read_titles() {
  std::promise<Status> read;
  loop.post([&] { titles->start([&](Status status) { read.set_value(std::move(status)); }); });
  const auto status = read.get_future().get();
  if (!status.ok()) runtime::log_error("titles", "the log was not read", {{"error", status.error().text()}});
}

void Host::State::open_worlds_of(std::vector<ReadWorld> read) {
  std::promise<void> all;
  auto left = std::make_shared<std::size_t>(read.size());
  loop.run_and_wait([&] {
    const auto finished = [this, left, &all](const std::string& name, const Status& status) {
      if (status.ok()) {
        open_worlds.push_back(name);
      } else {
        problems.push_back({name, "", status.error().text()});
      }
      if (--*left == 0) all.set_value();
    };
    for (auto& world : read) {
      std::ranges::copy(world.problems, std::back_inserter(problems));
      if (!world.setup) {
        const auto first = world.problems.empty() ? std::string("it could not be read") : world.problems.front().text();
        control->add_broken({world.name, {world.name, world.name}, {"", ""}, first});
        if (--*left == 0) all.set_value();
        continue;
      }
      control->add_world(std::move(*world.setup), time_now(),
                         [finished, name = world.name](Status status) { finished(name, status); });
    }
  });
  all.get_future().wait();
}

// Says whom this host vouches for, as of now, and hears whom others do.
void Host::State::meet_hosts(std::int64_t now_ms) {
  if (!travel) return;
  const auto list = travel->introduction(now_ms);
  if (list.ok()) introductions.store(data::to_text(*list));
  travel->keep_up(now_ms);
}

// A host without a name of its own is a good host; others just cannot know it.
void Host::State::show_identity() {
  const auto did = host_did(given.options.public_url);
  const auto key = crypto::public_key(keeper->public_key());
  if (!did.ok() || !key.ok()) {
    if (!did.ok() && did.error().kind != ErrorKind::not_found)
      runtime::log_warning("host", "other hosts cannot know this one", {{"reason", did.error().text()}});
    return;
  }
  library->add("/.well-known/did.json", identity_document(*did, *key, link()), "application/json");
}

void Host::State::make_operator_link() {
  if (!given.options.operator_link) return;
  std::promise<Result<std::string>> made;
  loop.post([&] {
    keeper->issue_link(platform::wall_ms(), [&](Result<std::string> token) { made.set_value(std::move(token)); });
  });
  const auto token = made.get_future().get();
  if (token.ok())
    operator_link = link() + "#operator=" + *token;
  else
    runtime::log_warning("host", "no operator link could be made", {{"error", token.error().text()}});
}

Status Host::State::write_ready_file() {
  if (given.options.ready_file.empty()) return ok();
  return platform::write_file(given.options.ready_file, format("{}\n{}\n{}\n", edges->port(), link(), operator_link),
                              0600);
}

Result<std::unique_ptr<Host>> Host::start(HostStart start) {
  const auto began = platform::monotonic_ns();
  MW_TRY(check_options(start.options));
  platform::ignore_broken_pipes();
  platform::raise_descriptor_limit();
  auto state = std::make_unique<State>();
  auto& s = *state;
  s.given = std::move(start);
  s.avatar_files = std::make_shared<AvatarFiles>(s.given.options.data + "/avatars", s.given.client, s.loop_post);
  s.library = std::make_unique<Library>(s.avatar_files);
  auto folders = find_worlds(s.given.worlds);
  MW_TRY(folders);
  MW_TRY(s.open_data());
  auto read = s.read_worlds(*folders);
  s.wake = std::make_unique<platform::Wake>(s.loop.reactor(), [&s] { s.on_letters(); });
  s.inbox = std::make_unique<Inbox>(static_cast<int>(s.given.options.edge_threads), [&s] { s.wake->notify(); });
  MW_TRY(s.open_edges());
  s.open_control();
  s.loop.start();
  std::unique_ptr<Host> host(new Host(std::move(state)));  // from here on, whatever fails is stopped in order
  s.read_titles();
  s.open_worlds_of(std::move(read));
  for (const auto& problem : s.problems)
    runtime::log_error("host", "a world is not open",
                       {{"file", problem.file}, {"field", problem.field}, {"reason", problem.reason}});
  const auto document = data::to_text(s.control->registry().openrpc());
  s.library->add("/schema/openrpc.json", document, "application/json");
  s.show_identity();
  s.make_operator_link();
  s.start_ticking();
  s.edges->start();
  MW_TRY(s.write_ready_file());
  s.cache_writer = std::thread([&cache = *s.cache] { cache.write_down(); });
  s.start_seconds = static_cast<double>(platform::monotonic_ns() - began) / 1e9;
  runtime::log_info("host", "listening",
                    {{"version", version()},
                     {"address", s.given.options.listen},
                     {"port", s.edges->port()},
                     {"worlds", s.open_worlds.size()},
                     {"seconds", s.start_seconds}});
  return host;
}

// --- Running ---------------------------------------------------------------------------------------------------------

void Host::State::start_ticking() {
  loop.run_and_wait([this] {
    if (given.handle_signals) {
      signals = std::make_unique<platform::Signals>(loop.reactor(), [this](platform::Signals::Kind kind) {
        if (kind == platform::Signals::Kind::reload) return reload();
        const std::lock_guard guard(mutex);
        stop_wanted = true;
        changed.notify_all();
      });
    }
    timer = std::make_unique<platform::Timer>(loop.reactor(), [this] { on_tick(); });
    first_tick_ns = platform::monotonic_ns() + kTickNs;
    timer->at_ns(first_tick_ns);
  });
}

// SIGHUP. A certificate is renewed every few weeks, and visitors must not notice.
void Host::State::reload() {
  if (given.options.tls_certificate.empty())
    return runtime::log_info("host", "nothing to reload: worlds and options are read at the start only");
  const auto status = edges->reload_certificate();
  if (status.ok()) return runtime::log_info("host", "certificate and key were read again");
  runtime::log_error("host", "the certificate was not reloaded; the old one stays in use",
                     {{"error", status.error().text()}});
}

void Host::State::read_claims() {
  inbox->take_claims([this](const ArrivedClaim& arrived) {
    control->claim(arrived.session, arrived.claim, static_cast<double>(arrived.arrived_ns) / 1e9);
  });
}

void Host::State::note_log_size() {
  const auto size = public_log->status().recorded;
  if (size <= logged) return;
  logged = size;
  store->put({{std::string(kLoggedKey), std::to_string(size)}}, [](const Status&) {});
}

// Of the busiest loop, or of all threads on all cores.
double Host::State::busy(std::int64_t now_ns) {
  const double own = control_busy.since_last(now_ns, platform::thread_cpu_ns());
  const double all = all_busy.since_last(now_ns, platform::process_cpu_ns()) / cores;
  return std::max({own, all, edges->take_busy()});
}

// Tick n is due at first_tick_ns + n * kTickNs, whatever the ticks before it took: no drift. A tick that comes too late
// for its successor takes the successor's number and the one between is left out.
void Host::State::on_tick() {
  const auto began = platform::monotonic_ns();
  const auto due = static_cast<std::uint32_t>((began - first_tick_ns) / kTickNs) + 1;
  const bool late = due > tick + 1;
  tick = std::max(due, tick + 1);
  edges->set_tick(tick, began);
  read_claims();
  const Now now = time_now();
  control->tick(tick, now);
  const auto ended = platform::monotonic_ns();
  control->tick_took(busy(ended));
  telemetry->tick(static_cast<double>(ended - began) / 1e9, late || ended - began > kTickNs);
  if (now.s - published_s >= 1) {
    published_s = now.s;
    telemetry->publish(*control, *store, *inbox, pool);
    telemetry->publish(public_log->status());
    if (travel) telemetry->publish(travel->stats());
    if (line) telemetry->publish(line->calls.stats());
    note_log_size();
    people.store(control->visitors(), std::memory_order_relaxed);
  }
  if (now.s - quality_s >= kQualityEveryS) {
    quality_s = now.s;
    telemetry->publish_quality(*control);  // first: whoever has read the page finds the same in the metrics
    quality.store(data::to_text(control->quality()));
    about.store(data::to_text(control->about()));
    meet_hosts(now.unix_ms);
  }
  timer->at_ns(first_tick_ns + static_cast<std::int64_t>(tick) * kTickNs);
}

void Host::State::on_letters() {
  if (!control) return;
  inbox->take(letters);
  const Now now = time_now();
  for (auto& letter : letters) on_letter(letter, now);
}

void Host::State::on_letter(Letter& letter, Now now) {
  switch (letter.kind) {
    case Letter::Kind::opened: return control->session_opened(letter.session, std::move(letter.peer), now);
    case Letter::Kind::closed: return control->session_closed(letter.session, letter.parting, now);
    case Letter::Kind::call: return control->call(letter.session, letter.text, now);
    case Letter::Kind::link: return control->link_measured(letter.session, letter.bytes_per_s);
    case Letter::Kind::overrun:
      return edges->close(letter.session, tracks::CloseCode::too_slow, "the host has too much to do");
    case Letter::Kind::http:
      return control->http_call(letter.peer, letter.bearer, letter.text, now, std::move(letter.reply));
  }
}

void Host::wait() {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [this] { return state_->stop_wanted; });
}

void Host::request_stop() {
  const std::lock_guard lock(state_->mutex);
  state_->stop_wanted = true;
  state_->changed.notify_all();
}

void Host::stop() {
  auto& s = *state_;
  if (s.stopped) return;
  s.stopped = true;
  const auto give_up = platform::monotonic_ns() + std::int64_t{limits::kDrainMs} * 1'000'000;
  auto saved = std::make_shared<std::promise<void>>();
  auto on_disk = saved->get_future();
  s.loop.post([&s, saved] { s.control->drain(time_now(), [saved] { saved->set_value(); }); });
  s.edges->drain("the host stops");
  if (on_disk.wait_for(std::chrono::milliseconds(limits::kDrainMs)) != std::future_status::ready)
    runtime::log_warning("host", "places were not saved in time");
  while (s.edges->sessions() > 0 && platform::monotonic_ns() < give_up)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  s.loop.run_and_wait([&s] {
    s.timer.reset();
    s.signals.reset();
  });
  s.edges->stop();
  s.fetcher->stop();  // its answers are for the control side
  s.avatar_files->stop();  // likewise
  if (s.line) s.line->stop();
  s.loop.run_and_wait([&s] {
    s.control.reset();
    s.titles.reset();
    s.abroad.reset();
    s.luggage.reset();
    s.line.reset();
    s.note_log_size();
  });
  s.fetcher.reset();
  s.public_log.reset();
  s.store.reset();  // writes what waits
  s.loop.stop();
  s.wake.reset();
  if (s.cache_writer.joinable()) s.cache_writer.join();
  if (!s.given.options.ready_file.empty()) static_cast<void>(platform::remove_file(s.given.options.ready_file).ok());
  runtime::log_info("host", "stopped", {});
}

Host::Host(std::unique_ptr<State> state) : state_(std::move(state)) {}
Host::~Host() { stop(); }

std::uint16_t Host::port() const { return state_->edges->port(); }
std::string Host::visitor_link() const { return state_->link(); }
const std::string& Host::operator_link() const { return state_->operator_link; }
const std::vector<world::Problem>& Host::problems() const { return state_->problems; }
std::vector<std::string> Host::open_worlds() const { return state_->open_worlds; }
double Host::start_seconds() const { return state_->start_seconds; }

std::vector<std::string> Host::network_links() const { return server::network_links(state_->given.options, port()); }

}  // namespace mw::server
