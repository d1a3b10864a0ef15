// Things of this home's people whose titles live in the logs of other hosts: what was given to them elsewhere, under a key that this
// home keeps for them. A host that asks for somebody's key is remembered; its log says what belongs to that key, all of it scanned,
// and the host what such a thing is, by the title's hash. To lease or give it on, the record is signed here and recorded there.
// Keys in the store: "abroad-log/VISITOR/HOST", "abroad/VISITOR/ASSET" (JSON).
// Bounds: kLogs hosts a person (of those that gave nothing, the one asked for longest ago makes room), kThings things. Of hosts that
// gave nothing the kAwaited that asked last are looked at; one whose log cannot be read is tried ever more rarely: whoever names
// hosts that hang holds up nobody.
// Sans I/O: logs are read and hosts are called by whoever sets it up; answers come later, on the control loop.
// Thread: load on the starting thread; afterwards the control loop.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "data/json.h"
#include "federation/log_question.h"
#include "federation/titles.h"
#include "records/store_queue.h"

namespace mw::federation {

class Abroad {
 public:
  static constexpr std::size_t kLogs = 32, kThings = 256, kAwaited = 4;  // of one person
  static constexpr std::int64_t kLookAgainMs = 5'000;  // one log, for one person

  // A call to another host, signed by this one: a method of schema/hosts.md.
  using Call = std::function<void(const std::string& host, const std::string& method, Json params,
                                  std::function<void(Result<Json>)> answer)>;
  struct Setup {
    Titles::KeyOf key_of;
    FollowLog follow;
    Call call;
    std::function<Status(std::int64_t now_ms)> clock;  // of this host, against its witnesses
  };
  struct Thing {
    trust::AssetId asset{};
    std::string host, log;  // authority; origin
    Json thing = Json::object();  // what it is, as the title's content has it
    std::optional<trust::Title> title;  // as it was read last, since the start
  };

  // Errors: those of the journal; `damaged`.
  static Result<std::unique_ptr<Abroad>> load(records::Journal& journal, Setup setup);
  ~Abroad();
  void attach(records::Store& store);  // it outlives the callbacks; required before the calls below
  // Called with whoever has got or lost something.
  void on_change(std::function<void(VisitorId)> changed) { changed_ = std::move(changed); }

  // Where somebody takes things: the key that this home keeps for them. From now on the log of the host that asks is looked at for
  // them. On disk when it answers. Errors: those of the store.
  void address(VisitorId visitor, const std::string& host, const crypto::PublicKey& host_key, std::int64_t now_ms,
               std::function<void(Result<crypto::PublicKey>)> done);
  // Reads the log of this host, or of each that is remembered, for what belongs to somebody.
  void look(VisitorId visitor, const std::string& host, std::int64_t now_ms);
  void look(VisitorId visitor, std::int64_t now_ms);

  const std::vector<Thing>& of(VisitorId visitor) const;
  const Thing* find(VisitorId visitor, const trust::AssetId& asset) const;

  // As Titles::lease and Titles::give: answered when the log's host has it on disk. Errors: `not_found`, `unavailable` (this host's
  // clock; the log or its host does not answer), and what that host says.
  void lease(VisitorId by, const trust::AssetId& asset, const Titles::Tenant& to, std::int64_t now_ms,
             Titles::Answer answer);
  void give(VisitorId by, const trust::AssetId& asset, const crypto::PublicKey& to, const std::string& person,
            Titles::Answer answer);
  // Its lease is over, as its log says: known here before the log is read again.
  void came_back(VisitorId visitor, const trust::AssetId& asset, std::int64_t now_ms);

 private:
  struct Log {
    crypto::PublicKey key;
    std::int64_t asked_ms = 0;  // when the host asked for the person's key
    std::int64_t looked_ms = 0;
    bool looking = false;
    int failures = 0;  // in a row
  };
  struct Person {
    std::map<std::string, Log> logs;  // by host
    std::vector<Thing> things;
  };
  explicit Abroad(Setup setup);
  Status read_log(const std::string& key, const std::string& text);
  Status read_thing(const std::string& key, const std::string& text);
  static bool gave(const Person& person, const std::string& host);
  void looked(VisitorId visitor, const std::string& host, const Standings& standings);
  void ask_thing(VisitorId visitor, const std::string& host, const trust::Title& title);
  void found(VisitorId visitor, Thing thing);
  void lose(VisitorId visitor, const trust::AssetId& asset);
  // Signs what `form` makes of the title as its log has it now, and has it recorded there.
  void record(VisitorId by, const trust::AssetId& asset, std::function<trust::TitleForm(const trust::Title&)> form,
              Json more, Titles::Answer answer);
  void signed_and_sent(VisitorId by, const Thing& thing, const trust::TitleForm& form, Json more,
                       Titles::Answer answer);

  Setup setup_;
  records::Store* store_ = nullptr;
  std::unordered_map<VisitorId, Person> people_;
  std::function<void(VisitorId)> changed_;
  std::shared_ptr<bool> alive_;
};

}  // namespace mw::federation
