#include "server/schemas.h"

#include "kit/kit.h"

namespace mw::server {

Json object(Json properties, std::vector<std::string> required, std::string description) {
  Json schema{{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
  if (schema["properties"].is_null()) schema["properties"] = Json::object();
  if (!required.empty()) schema["required"] = std::move(required);
  if (!description.empty()) schema["description"] = std::move(description);
  return schema;
}

Json reference(std::string_view name) { return {{"$ref", "#/components/schemas/" + std::string(name)}}; }
Json list_of(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }
Json signature_text() { return text(86, "of the holder of the title's key: base64url of 64 bytes"); }

Json described(Json schema, std::string_view description) {
  if (!description.empty()) schema["description"] = description;
  return schema;
}
Json text(std::size_t longest, std::string_view description) {
  return described({{"type", "string"}, {"maxLength", longest}}, description);
}
Json number(std::string_view description) { return described({{"type", "number"}}, description); }
Json whole(std::string_view description) { return described({{"type", "integer"}, {"minimum", 0}}, description); }
Json yes_no(std::string_view description) { return described({{"type", "boolean"}}, description); }

namespace {

Json range(double low, double high, std::string_view description = {}) {
  return described({{"type", "number"}, {"minimum", low}, {"maximum", high}}, description);
}
Json index_to(int last) { return {{"type", "integer"}, {"minimum", 0}, {"maximum", last}}; }
Json either(std::vector<std::string> names, std::string_view description = {}) {
  return described({{"type", "string"}, {"enum", std::move(names)}}, description);
}

Json appearance_schema() {
  return object({{"height", range(1.55, 1.95, "metres")},
                 {"build", range(0.85, 1.2, "width over the model's")},
                 {"skin", index_to(7)},
                 {"hair", index_to(5)},
                 {"hair_colour", index_to(7)},
                 {"top", index_to(2)},
                 {"top_colour", index_to(11)},
                 {"bottom", index_to(2)},
                 {"bottom_colour", index_to(11)},
                 {"shoes_colour", index_to(11)},
                 {"jacket", index_to(1)},
                 {"hat", index_to(2)},
                 {"scarf", index_to(1)},
                 {"accent_colour", index_to(11)}},
                {"height", "build", "skin", "hair", "hair_colour", "top", "top_colour", "bottom", "bottom_colour",
                 "shoes_colour", "jacket", "hat", "scarf", "accent_colour"});
}

Json rules_schema() {
  Json properties = Json::object();
  std::vector<std::string> names;
  for (const auto* name : {"walk_speed", "run_speed", "jump_speed", "gravity", "acceleration", "air_control", "radius",
                           "height", "step_height", "slope_cos", "floor_y"}) {
    properties[name] = number();
    names.emplace_back(name);
  }
  return object(std::move(properties), std::move(names));
}

Json portal_schema() {
  // A world of the host that is open also tells what its picture is taken from, and where one would arrive.
  Json world = object({{"world", text(32)},
                       {"scene", text(2000)},
                       {"mood", reference("Mood")},
                       {"position", reference("Vec3")},
                       {"yaw", number()}},
                      {"world"});
  Json to{{"oneOf", {std::move(world), object({{"url", text(2000)}}, {"url"})}}};
  return object({{"id", text(32)},
                 {"title", reference("Text")},
                 {"to", std::move(to)},
                 {"position", reference("Vec3")},
                 {"yaw", number("the direction in which one comes out")},
                 {"width", number()},
                 {"height", number()}},
                {"id", "title", "to", "position", "yaw", "width", "height"});
}

Json detail_schema() {
  const auto url = text(2000);
  Json place = object({{"position", reference("Vec3")}, {"yaw", number()}}, {"position", "yaw"});
  Json tracks = object({{"poses", text(100)}, {"people", text(100)}, {"chat", text(100)}, {"scene", text(100)}},
                       {"poses", "people", "chat", "scene"});
  return object(
      {{"name", text(32)},
       {"title", reference("Text")},
       {"description", reference("Text")},
       {"accent", text(7)},
       {"capacity", whole()},
       {"entity", whole("the visitor's own avatar")},
       {"epoch", whole("to be carried by pose claims until the next correction")},
       {"place", std::move(place)},
       {"rules", reference("MovementRules")},
       {"sky", object({{"mood", reference("Mood")}}, {"mood"})},
       {"scene", object({{"url", url}, {"collision", url}}, {"url", "collision"})},
       {"person", object({{"url", url}}, {"url"})},
       {"models", list_of(reference("CatalogueModel"))},
       {"portals", list_of(reference("Portal"))},
       {"tracks", std::move(tracks)},
       {"tick_hz", whole()},
       {"beside", text(limits::kNameChars, "name of who had invited the visitor, and at whose side they are now")},
       {"may", object({{"edit", yes_no()}, {"operate", yes_no()}}, {"edit", "operate"})}},
      {"name", "title", "description", "accent", "capacity", "entity", "epoch", "place", "rules", "sky", "scene",
       "person", "models", "portals", "tracks", "tick_hz", "may"});
}

void add_world_schemas(calls::Registry& registry) {
  registry.add_schema("MovementRules", rules_schema(),
                      "The rules of movement of a world (src/motion/motion.h); metres and seconds.");
  registry.add_schema("Portal", portal_schema(), "A door to another world of the host, or to an https link.");
  Json collision{{"type", {"string", "null"}}, {"description", "null: one walks through it"}};
  registry.add_schema(
      "CatalogueModel",
      object(
          {{"name", text(32)}, {"title", reference("Text")}, {"url", text(2000)}, {"collision", std::move(collision)}},
          {"name", "title", "url", "collision"}),
      "A model that edits may put into a world.");
  registry.add_schema("WorldSummary",
                      object({{"name", text(32)},
                              {"title", reference("Text")},
                              {"description", reference("Text")},
                              {"people", whole("visitors inside")},
                              {"simulated", whole("simulated people")},
                              {"capacity", whole()},
                              {"waiting", whole("visitors in the queue")},
                              {"accent", text(7)},
                              {"problem", text(2000, "why it cannot be entered; absent when it can")}},
                             {"name", "title", "description", "people", "simulated", "capacity", "waiting", "accent"}),
                      "A world as it stands in lists.");
  registry.add_schema("WorldDetail", detail_schema(), "All that a client needs of the world it has entered.");
}

void add_trade_schema(calls::Registry& registry, const Json& who) {
  registry.add_schema(
      "TradeThing",
      object(
          {{"asset", text(43, "its title")},
           {"thing",
            object({{"name", text(limits::kNameChars)}, {"model", text(32)}, {"scale", number()}, {"colour", text(7)}},
                   {"name", "model", "scale"})},
           {"world", text(64, "in which it stands")},
           {"entity", whole()},
           {"custody", either({"home", "holder"}, "who keeps its key: this host, or its owner")},
           {"changed", yes_no("it looks otherwise in its world now; `thing` is what its title is over")},
           {"moved", whole("how often it has changed hands")}},
          {"asset", "thing", "custody", "moved"}),
      "A thing that may be traded, by a title in this host's log.");
  registry.add_schema(
      "Trade",
      object({{"id", whole()},
              {"with", who},
              {"begun", yes_no("by oneself")},
              {"gives", reference("TradeThing")},
              {"gets", reference("TradeThing")},
              {"agrees", yes_no("oneself, to this pair")},
              {"they_agree", yes_no()},
              {"state", either({"open", "recording", "traded", "declined", "over"})},
              {"why", text(500, "it is over")},
              {"index", whole("traded: of the record in the log")},
              {"until_ms", whole("Unix time; it ends then if nobody says anything")}},
             {"id", "with", "begun", "agrees", "they_agree", "state", "until_ms"}),
      "One thing for another, as one of the two sees it: `gives` goes, `gets` comes, absent while nothing was put up.");
}

void add_carried_schemas(calls::Registry& registry) {
  registry.add_schema(
      "Carried",
      object(
          {{"asset", text(43, "the title's")},
           {"log", text(limits::kNoteNameBytes, "in which the title lives")},
           {"host", text(260, "whose log that is: a.example")},
           {"keeper", text(260, "the home of who has it, which keeps the owner's key unless they hold it")},
           {"name", text(limits::kNameChars, "may be empty")},
           {"model", text(32, "of the catalogue, perhaps; may be empty")},
           {"scale", number()},
           {"colour", text(7)},
           {"custody", either({"home", "holder"}, "who keeps the title's key: the keeper, or the owner")},
           {"assurance", either({"caught", "prevented"}, "what another history of the log would be: docs/trust.md")},
           {"until_s", whole("Unix seconds; the lease")},
           {"in_hand", yes_no()}},
          {"asset", "log", "host", "keeper", "name", "model", "scale", "custody", "assurance", "until_s", "in_hand"}),
      "A thing that a visitor from elsewhere has brought along, under a lease that was checked.");
  registry.add_schema(
      "Brought",
      object({{"asset", text(200)},
              {"name", text(limits::kNameChars)},
              {"model", text(32)},
              {"scale", number()},
              {"colour", text(7)},
              {"host", text(260, "whose log its title lives in")},
              {"custody", either({"home", "holder"}, "who keeps the title's key: the keeper, or oneself")},
              {"keeper", text(260, "one's home, which keeps the owner's key unless one holds it")},
              {"state", {{"type", "string"}, {"enum", {"checking", "waiting", "here", "refused", "over"}}}},
              {"why", text(1'000, "it is not here")},
              {"in_hand", yes_no()},
              {"until_s", whole("Unix seconds; the lease")}},
             {"asset", "name", "model", "scale", "state", "in_hand"}),
      "A thing that one has brought along, as one is told of it oneself.");
  registry.add_schema(
      "Belonging",
      object({{"asset", text(43)},
              {"name", text(limits::kNameChars, "may be empty")},
              {"model", text(32)},
              {"scale", number()},
              {"colour", text(7)},
              {"custody", either({"home", "holder"}, "who keeps its title's key: this host, or oneself")},
              {"log_host", text(260, "the host whose log the title lives in, where that is not this one")},
              {"changed", yes_no("it looks otherwise in its world now; all of this is what its title is over")},
              {"may_come", yes_no()},
              {"why", text(500, "it may not")},
              {"away", object({{"host", text(limits::kDidBytes, "did:web")}, {"until_s", whole()}}, {"host", "until_s"},
                              "it is there, by a lease")}},
             {"asset", "name", "model", "scale", "custody", "may_come"}),
      "A thing of somebody whose home is this host, by a key that it keeps for them or one that they hold.");
  const Json who =
      object({{"visitor", text(20)}, {"name", text(limits::kNameChars)}, {"home", text(260)}}, {"visitor", "name"});
  registry.add_schema(
      "Gift",
      object(
          {{"id", whole()},
           {"asset", text(43)},
           {"thing",
            object({{"name", text(limits::kNameChars)}, {"model", text(32)}, {"scale", number()}, {"colour", text(7)}},
                   {"name", "model", "scale"})},
           {"from", who},
           {"to", who},
           {"state", either({"offered", "accepted", "given", "declined", "over"})},
           {"until_ms", whole("Unix time; no answer by then is a no")},
           {"confirm", text(2'000, "accepted: the giver's home, where they say that it is so")}},
          {"id", "asset", "thing", "from", "to", "state", "until_ms"}),
      "A thing that one visitor gives to another, at a host where both are.");
  add_trade_schema(registry, who);
}

}  // namespace

void add_shared_schemas(calls::Registry& registry) {
  registry.add_schema("Text", object({{"en", text(2000)}, {"zh", text(2000)}}, {"en", "zh"}),
                      "A text in English and Chinese.");
  Json vec3{{"type", "array"},
            {"items", {{"type", "number"}, {"minimum", -4096}, {"maximum", 4096}}},
            {"minItems", 3},
            {"maxItems", 3}};
  registry.add_schema("Vec3", std::move(vec3), "Position in metres: x, y (up), z; the axes of glTF.");
  registry.add_schema("Language", either({"en", "zh"}), "The languages of the interface.");
  registry.add_schema("Role", either({"guest", "operator"}), "What a visitor may do here.");
  registry.add_schema("Mood", either({"morning", "noon", "golden", "night"}), "Light and sky of a world.");
  registry.add_schema("Appearance", appearance_schema(),
                      "How a person looks; indices point into the palettes of person.glb.");
  registry.add_schema("WornAvatar",
                      object({{"hash", text(64, "of the file: /avatars/HASH/about.json says what there is of it")},
                              {"rank", either({"excellent", "good", "medium", "poor"})},
                              {"height", number("metres")},
                              {"triangles", whole("of the file as it came")},
                              {"authors", list_of(text(limits::kAvatarTextBytes))},
                              {"name", text(limits::kAvatarTextBytes)}},
                             {"hash", "rank", "height", "triangles", "authors"}),
                      "A figure of somebody's own, as others are told of it.");
  registry.add_schema("Visitor",
                      object({{"id", text(20)},
                              {"name", text(limits::kNameChars)},
                              {"role", reference("Role")},
                              {"language", reference("Language")},
                              {"appearance", reference("Appearance")},
                              {"home", text(260, "the home of a visitor from elsewhere: a.example")},
                              {"avatar", reference("WornAvatar")}},
                             {"id", "name", "role", "language", "appearance"}),
                      "A visitor, as they are told about themselves.");
  add_carried_schemas(registry);
  registry.add_schema("Person",
                      object({{"entity", whole("of the avatar")},
                              {"visitor", text(20, "absent for simulated people")},
                              {"name", text(100)},
                              {"simulated", yes_no()},
                              {"role", reference("Role")},
                              {"appearance", reference("Appearance")},
                              {"home", text(260, "the home of a visitor from elsewhere: a.example")},
                              {"carried", list_of(reference("Carried"))},
                              {"avatar", reference("WornAvatar")}},
                             {"entity", "name", "simulated", "role", "appearance"}),
                      "Somebody in a world.");
  registry.add_schema("Thing",
                      object({{"entity", whole()},
                              {"model", text(32)},
                              {"position", reference("Vec3")},
                              {"yaw", number("radians")},
                              {"scale", number()},
                              {"colour", text(7)},
                              {"name", text(limits::kNameChars)},
                              {"by", text(20, "the visitor who added it")}},
                             {"entity", "model", "position", "yaw", "scale", "by"}),
                      "A thing that an edit has put into a world.");
  registry.add_schema("ChatMessage",
                      object({{"id", whole("grows; unique within a world")},
                              {"entity", whole()},
                              {"name", text(limits::kNameChars)},
                              {"text", text(limits::kChatChars)},
                              {"time_ms", whole("Unix time")}},
                             {"id", "entity", "name", "text", "time_ms"}),
                      "What somebody said.");
  add_world_schemas(registry);
}

Json example_visitor() {
  return {{"id", "7382910465"},
          {"name", "Calm Otter"},
          {"role", "guest"},
          {"language", "en"},
          {"appearance", kit::to_json(kit::appearance(7))}};
}

Json example_person() {
  return {{"entity", 31},       {"visitor", "7382910465"}, {"name", "Calm Otter"},
          {"simulated", false}, {"role", "guest"},         {"appearance", kit::to_json(kit::appearance(7))}};
}

Json example_thing() {
  return {{"entity", 84}, {"model", "bench"},    {"position", {4.5, 0, -2}}, {"yaw", 1.5708},
          {"scale", 1},   {"colour", "#E4572E"}, {"by", "7382910465"}};
}

Json example_summary() {
  return {{"name", "plaza"},
          {"title", {{"en", "The Plaza"}, {"zh", "广场"}}},
          {"description", {{"en", "A square at the golden hour"}, {"zh", "金色时刻的广场"}}},
          {"people", 12},
          {"simulated", 30},
          {"capacity", 1000},
          {"waiting", 0},
          {"accent", "#2A9D8F"}};
}

Json example_detail() {
  return {{"name", "plaza"},
          {"title", {{"en", "The Plaza"}, {"zh", "广场"}}},
          {"description", {{"en", "A square at the golden hour"}, {"zh", "金色时刻的广场"}}},
          {"accent", "#2A9D8F"},
          {"capacity", 1000},
          {"entity", 31},
          {"epoch", 1},
          {"place", {{"position", {0.5, 0, 12.25}}, {"yaw", 3.14}}},
          {"rules",
           {{"walk_speed", 1.8},
            {"run_speed", 5},
            {"jump_speed", 4.6},
            {"gravity", 9.81},
            {"acceleration", 30},
            {"air_control", 0.35},
            {"radius", 0.3},
            {"height", 1.7},
            {"step_height", 0.35},
            {"slope_cos", 0.64},
            {"floor_y", -50}}},
          {"sky", {{"mood", "golden"}}},
          {"scene", {{"url", "/worlds/plaza/scene.glb?v=5f1c"}, {"collision", "/worlds/plaza/collision.bin?v=77ab"}}},
          {"person", {{"url", "/people/person.glb?v=90de"}}},
          {"models",
           {{{"name", "bench"},
             {"title", {{"en", "Bench"}, {"zh", "长椅"}}},
             {"url", "/models/bench.glb?v=1f"},
             {"collision", "/models/bench.collision.bin?v=2e"}}}},
          {"portals",
           {{{"id", "garden"},
             {"title", {{"en", "The Garden"}, {"zh", "花园"}}},
             {"to",
              {{"world", "garden"},
               {"scene", "/worlds/garden/scene.glb?v=88c1"},
               {"mood", "morning"},
               {"position", {0, 0, 14}},
               {"yaw", 3.14}}},
             {"position", {0, 0, -20}},
             {"yaw", 0},
             {"width", 3},
             {"height", 3}}}},
          {"tracks",
           {{"poses", "world/plaza/poses"},
            {"people", "world/plaza/people"},
            {"chat", "world/plaza/chat"},
            {"scene", "world/plaza/scene"}}},
          {"tick_hz", 20},
          {"may", {{"edit", false}, {"operate", false}}}};
}

}  // namespace mw::server
