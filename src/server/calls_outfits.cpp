// The wardrobe: outfits that a visitor keeps, beside what they wear (visitor.change).
#include "base/limits.h"
#include "base/text.h"
#include "server/methods.h"
#include "server/schemas.h"

namespace mw::server {

using calls::Caller;
using calls::Capability;
using calls::Reply;

namespace {

Json outfits_schema() {
  return object({{"outfits", list_of(reference("Outfit"))},
                 {"most", whole("how many may be kept; 0 for a visitor from another home, whose wardrobe is there")}},
                {"outfits", "most"});
}

Json example_outfits() {
  return {{"outfits", {{{"number", 1}, {"name", "Sunday"}, {"appearance", kit::to_json(kit::appearance(7))}}}},
          {"most", kMostOutfits}};
}

}  // namespace

bool Methods::wardrobe_elsewhere(const Control::Visitor& visitor) const {
  return c.travel_ != nullptr && c.travel_->of_visitor(visitor.guest.visitor) != nullptr;
}

void Methods::answer_outfits(const Control::Visitor& visitor, Reply& reply) const {
  reply.result({{"outfits", visitor.outfits.to_json()}, {"most", wardrobe_elsewhere(visitor) ? 0 : kMostOutfits}});
}

void Methods::outfit_keep(const Caller& caller, const Json& params, Reply reply) {
  auto* visitor = visitor_or_refuse(caller, reply);
  if (visitor == nullptr) return;
  if (wardrobe_elsewhere(*visitor))
    return reply.error(failure(ErrorKind::conflict, "your outfits are kept at your home: " + visitor->guest.home));
  Outfits::Change change;
  if (params.contains("number")) change.number = params["number"].get<std::int64_t>();
  if (params.contains("name")) {
    change.name = params["name"].get<std::string>();
    if (!change.name->empty()) {
      auto name = clean_name(*change.name);
      if (!name.ok()) return reply.error(name.error());
      change.name = *std::move(name);
    }
  }
  if (params.contains("appearance")) {
    auto appearance = kit::appearance_from_json(params["appearance"]);
    if (!appearance.ok()) return reply.error(appearance.error());
    change.appearance = *appearance;
  }
  if (const auto kept = visitor->outfits.keep(change, visitor->guest.appearance); !kept.ok())
    return reply.error(kept.error());
  visitor->unsaved = true;
  answer_outfits(*visitor, reply);
}

void Methods::outfit_drop(const Caller& caller, const Json& params, Reply reply) {
  auto* visitor = visitor_or_refuse(caller, reply);
  if (visitor == nullptr) return;
  if (const auto dropped = visitor->outfits.drop(params["number"].get<std::int64_t>()); !dropped.ok())
    return reply.error(dropped.error());
  visitor->unsaved = true;
  answer_outfits(*visitor, reply);
}

void Methods::add_outfit_list_call() {
  c.registry_.add({"visitor.outfits", "The outfits that the visitor keeps.",
                   "They are stored with the visitor: whoever has an account finds them on each device. Nobody else is "
                   "told of them.",
                   object({}), outfits_schema(), Capability::visit, 1, Json::object(), example_outfits(),
                   [m = *this](const Caller& caller, const Json&, Reply reply) mutable {
                     if (const auto* visitor = m.visitor_or_refuse(caller, reply)) m.answer_outfits(*visitor, reply);
                   }});
}

void Methods::add_outfit_calls() {
  c.registry_.add_schema("Outfit",
                         object({{"number", whole("1 to 8")},
                                 {"name", text(limits::kNameChars, "absent: it is called by its number")},
                                 {"appearance", reference("Appearance")}},
                                {"number", "appearance"}),
                         "An appearance that a visitor keeps, to change into.");
  add_outfit_list_call();
  c.registry_.add(
      {"visitor.outfit.keep",
       "Keeps an outfit, or changes one that is kept.",
       "Without `number` it is a new one, which looks like `appearance` or else like what the visitor wears. With it, "
       "what is named changes; an empty `name` takes the name away. What the visitor wears stays: visitor.change puts "
       "an outfit on.",
       object({{"number", whole()}, {"name", text(limits::kNameBytes * 4)}, {"appearance", reference("Appearance")}}),
       outfits_schema(),
       Capability::visit,
       5,
       {{"name", "Sunday"}},
       example_outfits(),
       [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
         m.outfit_keep(caller, params, std::move(reply));
       }});
  c.registry_.add({"visitor.outfit.drop",
                   "Keeps an outfit no longer.",
                   "",
                   object({{"number", whole()}}, {"number"}),
                   outfits_schema(),
                   Capability::visit,
                   5,
                   {{"number", 1}},
                   example_outfits(),
                   [m = *this](const Caller& caller, const Json& params, Reply reply) mutable {
                     m.outfit_drop(caller, params, std::move(reply));
                   }});
}

}  // namespace mw::server
