// How this host stands to others: whom it asks by which rules, and as whom it sends people and takes them in.
// Thread: the starting one; what is given back runs on the control loop.
#pragma once

#include "edge/control.h"
#include "edge/fetch.h"
#include "federation/abroad.h"
#include "federation/carrying.h"
#include "federation/friends.h"
#include "federation/travel.h"
#include "server/avatars.h"
#include "server/fetcher.h"
#include "server/host_calls.h"
#include "server/options.h"
#include "server/public_log.h"
#include "server/title_follower.h"
#include "trust/keeper.h"

namespace mw::server {

// /people/ID/did.jsonl: the history of the identifier of somebody who lives here. `serve_history` on the control loop; `reply` from
// there or the store's thread. Null accounts: nobody lives here.
bool is_history(std::string_view path);
void serve_history(federation::Accounts* accounts, std::string_view path, std::function<void(edge::HttpReply)> reply);

edge::FetchRules fetch_rules(const HostOptions& options);

// Signs by the keeper's key, which outlives it. Errors: `invalid` with the field.
Result<federation::Travel::Setup> travel_setup(const HostOptions& options, const federation::Home& home,
                                               const trust::Keeper& keeper, federation::Travel::Fetch fetch);

Result<std::unique_ptr<federation::Friends>> load_friends(records::Journal& journal, const federation::Home& home);

// As whom this host calls others, by the same key and name. `ask` and `now_ms` are the caller's to give.
Result<HostCalls::Setup> host_calls_setup(const federation::Home& home, const trust::Keeper& keeper);

// Calls between hosts, with threads of their own for those that go out: a friend's home that hangs holds up no arrival. The keeper
// and `travel` outlive it.
struct HostLine {
  HostLine(const HostOptions& options, HostCalls::Setup setup, federation::Travel& travel, Fetcher::Post post);
  // Both outlive it. Figures come with threads of their own too: the largest take seconds.
  void attach(records::Store& store, Avatars& avatars);
  void stop();  // the fetchers, as Fetcher::stop
  // One request under edge::kHostCallsPath, from any thread; the line outlives what is posted.
  void handle(edge::PublicRequest request, std::function<void(edge::HttpReply)> reply);
  Fetcher::Post post;
  Fetcher fetcher, figures;
  HostCalls calls;
  std::unique_ptr<federation::Friends> friends;  // what people of here and elsewhere are to each other
};
// Errors: those of load_friends and of host_calls_setup.
Result<std::unique_ptr<HostLine>> open_line(records::Journal& journal, const HostOptions& options,
                                            const federation::Home& home, const trust::Keeper& keeper,
                                            federation::Travel& travel, Fetcher::Post post);

// By the documents that travel keeps; it outlives what is given back.
federation::LogKeyOf log_key_of(federation::Travel& travel, std::function<std::int64_t()> now_ms);

// What people of other homes bring, and who reads the logs for it. The witnesses of this host's own log are those that its
// operator knows: their cosignatures count under others' checkpoints, too. The keeper and the log outlive it.
struct Luggage {
  Luggage(const HostOptions& options, federation::Travel& travel, const trust::Keeper& keeper, const PublicLog& log,
          TitleFollower::Post post);
  TitleFollower follower;
  federation::Carrying carrying;
};

// What people of this home own in the logs of others. All of it outlives what is given back; `luggage` and `log` are there before
// anybody asks.
Result<std::unique_ptr<federation::Abroad>> open_abroad(records::Journal& journal, const trust::Keeper& keeper,
                                                        const std::unique_ptr<Luggage>& luggage, HostLine& line,
                                                        const std::unique_ptr<PublicLog>& log);

}  // namespace mw::server
