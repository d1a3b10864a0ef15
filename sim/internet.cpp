#include "sim/internet.h"

#include <memory>
#include <utility>

#include "data/json.h"

namespace mw::sim {
namespace {

constexpr Micros kTimeout = 5 * kSecond;

edge::PublicRequest as_public(const edge::FetchRequest& request, const std::string& target) {
  edge::PublicRequest asked;
  asked.post = request.method == "POST";
  asked.path = target;
  asked.body = request.body;
  asked.address = "10.0.0.9";
  for (const auto& [name, value] : request.headers) {
    if (name == "Content-Type") asked.content_type = value;
    if (name == "Content-Digest") asked.content_digest = value;
    if (name == "Signature-Input") asked.signature_input = value;
    if (name == "Signature") asked.signature = value;
  }
  return asked;
}

// A yes to whatever was asked.
edge::Fetched yes_to(const std::string& body) {
  const auto asked = data::parse_json(body);
  const Json answer{
      {"jsonrpc", "2.0"}, {"id", asked.ok() ? asked->value("id", Json()) : Json()}, {"result", Json::object()}};
  return {200, "application/json", data::to_text(answer)};
}

}  // namespace

void Internet::be_calm() {
  calm_ = true;
  heal();
}

Site* Internet::site_of(const std::string& from, const std::string& authority) {
  const auto at = sites_.find(authority);
  if (at == sites_.end() || !at->second->reachable() || side_.contains(from) != side_.contains(authority))
    return nullptr;
  return at->second;
}

void Internet::ask(const std::string& from, const edge::FetchRequest& request, Answer answer) {
  ++stats_.requests;
  auto waiting = std::make_shared<Answer>(std::move(answer));
  const auto finish = [waiting](Result<edge::Fetched> result) {
    if (!*waiting) return;
    const Answer done = std::exchange(*waiting, nullptr);
    done(std::move(result));
  };
  events_.after(kTimeout, [finish] { finish(failure(ErrorKind::unavailable, "no answer in time")); });
  const auto url = edge::parse_url(request.url);
  if (!url.ok()) return finish(url.error());
  const auto asked = as_public(request, url->target);
  const std::string to = url->authority();
  if (asked.post && swallowed_ > 0 && random_.chance(swallowed_))
    return events_.after(delay(), [finish, body = asked.body] { finish(yes_to(body)); });
  const auto deliver = [this, from, to, asked, finish](bool answered) {
    auto* site = site_of(from, to);
    if (site == nullptr) return;
    site->serve(asked, [this, finish, answered](const edge::HttpReply& reply) {
      if (!answered || lose(0.05)) {
        ++stats_.lost;
        return;
      }
      events_.after(delay(), [finish, reply] { finish(edge::Fetched{reply.status, reply.content_type, reply.body}); });
    });
  };
  if (asked.post && lose(0.05)) {
    ++stats_.replayed;
    events_.after(random_.between(100, 20'000) * kMillisecond, [deliver] { deliver(false); });
  }
  if (lose(0.05)) {
    ++stats_.lost;
    return;
  }
  events_.after(delay(), [deliver] { deliver(true); });
}

Result<std::string> Internet::get(const std::string& from, const std::string& url) {
  const auto where = edge::parse_url(url);
  MW_TRY(where);
  auto* site = site_of(from, where->authority());
  if (site == nullptr || lose(0.01)) return failure(ErrorKind::unavailable, "nothing answers there");
  return site->document(where->target);
}

}  // namespace mw::sim
