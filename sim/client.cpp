#include "sim/client.h"

#include "base/format.h"
#include "wire/frame.h"

namespace mw::sim {

Client::Client(std::string name, Host& host, std::string world, Ledger& ledger, Events& events, Network& network,
               Random random)
    : name_(std::move(name)),
      host_(host),
      world_(std::move(world)),
      ledger_(ledger),
      events_(events),
      network_(network),
      random_(random) {}

void Client::violate(const std::string& what) {
  if (on_violation) on_violation(name_ + ": " + what);
}

void Client::connect() {
  ++stats_.connects;
  state_ = State::opening;
  link_ = network_.connect(*this, host_, host_.up());
}

void Client::link_opened(LinkId link) {
  if (link != link_) return;
  Json params{{"protocol", 1}, {"name", name_}};
  if (!resume_.empty()) params["resume"] = resume_;
  call("session.open", std::move(params));
}

void Client::link_closed(LinkId link) {
  if (link != link_) return;
  // What was asked and not answered may or may not have happened.
  stats_.unknown += waiting_.size();
  waiting_.clear();
  state_ = State::away;
  synced_ = false;
  events_.trace(name_, "lost its link");
  events_.after(random_.between(20, 1'000) * kMillisecond, [this] { connect(); });
}

void Client::call(const std::string& method, Json params, const std::string& mark, std::uint64_t entity) {
  const std::uint64_t id = ++calls_;
  waiting_[id] = {method, mark, entity};
  network_.send(
      link_, *this,
      {false, data::to_text({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}})});
}

void Client::received(LinkId link, const Message& message) {
  if (link != link_) return;
  if (message.binary) {
    ByteView rest = as_bytes(message.bytes);
    const auto frame = wire::read_frame(rest);
    if (!frame.ok() || !rest.empty()) return violate("a frame does not read");
    if (frame->header.kind != wire::FrameKind::events) return;
    const auto events = data::parse_json(as_text(frame->payload));
    if (!events.ok()) return violate("events do not read: " + events.error().text());
    for (const Json& one : *events) event(one);
    return;
  }
  const auto answer = data::parse_json(message.bytes);
  if (!answer.ok()) return violate("an answer does not read: " + answer.error().text());
  if (!answer->contains("id")) return;  // a notification
  const auto asked = waiting_.find((*answer)["id"].get<std::uint64_t>());
  if (asked == waiting_.end()) return violate("an answer to nothing");
  const Call call = asked->second;
  waiting_.erase(asked);
  answered(call, *answer);
}

void Client::answered(const Call& asked, const Json& answer) {
  const bool error = answer.contains("error");
  if (asked.method == "session.open" || asked.method == "world.enter" || asked.method == "track.subscribe") {
    // A host that has just started may not have opened its worlds yet.
    if (error) return network_.break_link(link_);
    if (asked.method == "session.open") {
      resume_ = answer["result"]["resume"].get<std::string>();
      state_ = State::entering;
      return call("world.enter", {{"world", world_}});
    }
    if (asked.method == "world.enter") {
      state_ = State::subscribing;
      return call("track.subscribe", {{"track", format("world/{}/scene", world_)}});
    }
    state_ = State::following;
    if (!thinking_) think();
    return;
  }
  edited(asked, answer);
}

void Client::edited(const Call& asked, const Json& answer) {
  if (answer.contains("error")) {
    ++stats_.refused;
    const int code = answer["error"]["code"].get<int>();
    events_.trace(name_, format("{} refused {}", asked.method, code));
    if (code == -32603) violate("an internal error: " + answer["error"]["message"].get<std::string>());
    if (!asked.mark.empty()) ledger_.refused(asked.mark);
    return;
  }
  ++stats_.acknowledged;
  const Json& result = answer["result"];
  const auto sequence = result["sequence"].get<std::uint64_t>();
  std::string kind = asked.method.substr(asked.method.find('.') + 1);
  std::uint64_t entity = asked.entity;
  if (result.contains("done")) {
    ++stats_.undone;
    kind = result["done"]["kind"].get<std::string>();
    entity = result["done"]["entity"].get<std::uint64_t>();
  } else if (result.contains("entity")) {
    entity = result["entity"].get<std::uint64_t>();
  }
  events_.trace(name_, format("{} is edit {} of {}", asked.method, sequence, entity));
  if (const auto problem = ledger_.acknowledged(sequence, kind, entity, asked.mark); !problem.empty()) violate(problem);
}

void Client::event(const Json& event) {
  const auto type = event.value("type", "");
  const auto sequence = event["sequence"].get<std::uint64_t>();
  if (type == "snapshot") {
    things_.clear();
    for (const Json& thing : event["entities"]) things_[thing["entity"].get<std::uint64_t>()] = thing;
    sequence_ = sequence;
    synced_ = true;
  } else {
    if (!synced_) return violate("an event before the snapshot");
    if (sequence != sequence_ + 1) return violate(format("edit {} follows edit {}", sequence, sequence_));
    sequence_ = sequence;
    const bool gone = type == "removed";
    const Json& subject = event["entity"];
    const std::uint64_t entity = gone ? subject.get<std::uint64_t>() : subject["entity"].get<std::uint64_t>();
    if (gone != (type != "added" && type != "changed") || (type == "added") == things_.contains(entity))
      return violate(format("edit {} says {} of {}", sequence, type, entity));
    if (gone) {
      things_.erase(entity);
    } else {
      things_[entity] = subject;
    }
    if (const auto problem = ledger_.shown(sequence, entity, gone ? Json() : subject); !problem.empty())
      return violate(problem);
  }
  events_.trace(name_, format("sees {} {}", type, sequence));
  if (const auto problem = ledger_.stood(sequence_, things_); !problem.empty()) violate(problem);
}

void Client::think() {
  thinking_ = true;
  events_.after(random_.between(5, 400) * kMillisecond, [this] {
    if (following() && editing_) edit();
    think();
  });
}

void Client::edit() {
  const auto draw = random_.below(100);
  const auto some = [this] {
    auto thing = things_.begin();
    std::advance(thing, static_cast<std::ptrdiff_t>(random_.below(things_.size())));
    return thing->first;
  };
  const auto place = [this] { return Json::array({random_.between(-40, 40), 0, random_.between(-40, 40)}); };
  const std::string mark = format("{}-{}", name_, ++marks_);
  if (draw < 35 || things_.empty())
    return call("entity.add", {{"model", draw % 2 == 0 ? "bench" : "tree"}, {"position", place()}, {"name", mark}},
                mark);
  if (draw < 60) {
    const auto entity = some();
    return call("entity.change", {{"entity", entity}, {"position", place()}, {"name", mark}}, mark, entity);
  }
  if (draw < 72) {
    const auto entity = some();
    return call("entity.remove", {{"entity", entity}}, "", entity);
  }
  call(draw < 88 ? "undo" : "redo", Json::object());
}

}  // namespace mw::sim
