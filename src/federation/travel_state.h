// What the parts of Travel share. Not for other folders.
#pragma once

#include <map>
#include <unordered_map>

#include "federation/travel.h"

namespace mw::federation {

inline constexpr std::string_view kTravellerPrefix = "traveller/", kConsentPrefix = "consent/",
                                  kBansKey = "travel/bans";

struct Travel::State {
  Setup setup;
  std::string did;
  trust::VisitDesk desk;
  records::Store* store = nullptr;
  TravelStats stats;

  std::unordered_map<std::string, Traveller> travellers;  // by DID
  std::unordered_map<VisitorId, std::string> by_visitor;
  std::unordered_map<std::string, std::size_t> per_home;  // travellers
  std::unordered_map<std::string, std::map<std::string, std::int64_t>> consents;  // of an account: host, since
  std::map<std::string, TravelBan> bans;
  std::unordered_map<SessionId, std::string> nonces;

  struct KeptDocument {
    trust::DidDocument document;
    std::int64_t fetched_ms = 0;
  };
  std::unordered_map<std::string, KeptDocument> documents;  // of hosts, by DID

  // Of the hosts that introduce others here, by authority.
  struct KeptIntroductions {
    std::vector<std::string> hosts;
    std::int64_t until_ms = 0, asked_ms = 0;  // 0: nothing was heard
  };
  std::map<std::string, KeptIntroductions, std::less<>> introductions;
  std::vector<std::function<void()>> asked_for;  // who waits for those that are asked
  std::size_t asking = 0;  // hosts that have not answered yet
  std::int64_t seen_ms = 0;  // the latest time that was told

  State(Setup given, std::string name) : setup(std::move(given)), did(std::move(name)), desk(did, setup.secret) {}
  void index(Traveller traveller);
  void unindex(const Traveller& traveller);
  // The document of a host, fetched by its name; kept for limits::kTravelDocumentMs.
  void with_document(const std::string& host, std::int64_t now_ms, Done<trust::DidDocument> done);
  // A person's identifier, with its witnesses' file where it has witnesses.
  void with_person(const std::string& person, std::int64_t now_ms, Done<trust::Webvh> done);
  // travel_introduction.cpp
  bool vouched(std::string_view home) const;
  bool all_known() const;  // every introducer's list is there and counts
  void ask_introducer(const std::string& host, std::int64_t now_ms, const std::function<void()>& then);
  // Those whose list is older than limits::kTravelDocumentMs are asked again first.
  void with_introductions(std::int64_t now_ms, std::function<void()> done);
  // Travel::admits, after the introducers were asked where that can change the answer.
  void with_admission(const Travel& travel, const std::string& home, std::int64_t now_ms,
                      std::function<void(Status)> done);
  void write(records::Batch batch, std::function<void(Status)> done);
  Error refused(Error error);  // counts it
};

std::string traveller_key(std::string_view did);
std::string consent_text(const std::map<std::string, std::int64_t>& hosts);

}  // namespace mw::federation
