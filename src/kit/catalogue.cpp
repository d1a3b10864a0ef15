#include "base/format.h"
#include "kit/kit.h"
#include "kit/things.h"

namespace mw::kit {
namespace {

struct Row {
  CatalogueEntry entry;
  Thing (*make)();
};

constexpr std::array<Row, 20> kRows{{
    {{"bench", "Bench", "长椅", "#B8875A", true}, bench},
    {{"table", "Café table", "咖啡桌", "#2A9D8F", true}, table},
    {{"lamp", "Street lamp", "路灯", "", true}, lamp},
    {{"stone_lantern", "Stone lantern", "石灯笼", "", true}, stone_lantern},
    {{"bollard", "Bollard", "护柱", "#2A9D8F", true}, bollard},
    {{"sign", "Sign", "指示牌", "#2A9D8F", true}, sign},
    {{"crate", "Crate", "木箱", "#B8875A", true}, crate},
    {{"kiosk", "Kiosk", "售货亭", "", true}, [] { return kiosk(); }},
    {{"fountain", "Fountain", "喷泉", "", true}, [] { return fountain(); }},
    {{"pavilion", "Pavilion", "凉亭", "#C8452E", true}, pavilion},
    {{"gate", "Gate", "门", "#2A9D8F", true}, gate},
    {{"planter", "Planter", "花盆", "#B9AFA2", true}, planter},
    {{"flowerbed", "Flower bed", "花坛", "#E4572E", true}, flowerbed},
    {{"hedge", "Hedge", "树篱", "", true}, hedge},
    {{"bush", "Bush", "灌木", "", true}, bush},
    {{"tree", "Tree", "树", "", true}, tree},
    {{"tree_round", "Round tree", "圆冠树", "", true}, tree_round},
    {{"tree_tall", "Cypress", "柏树", "", true}, tree_tall},
    {{"cherry", "Cherry tree", "樱花树", "", true}, cherry},
    {{"maple", "Maple", "枫树", "", true}, maple},
}};

constexpr auto kEntries = [] {
  std::array<CatalogueEntry, kRows.size()> out{};
  for (std::size_t i = 0; i < kRows.size(); ++i) out[i] = kRows[i].entry;
  return out;
}();

}  // namespace

std::span<const CatalogueEntry> catalogue() { return kEntries; }

Result<CatalogueModel> catalogue_model(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.entry.name != name) continue;
    Thing thing = row.make();
    gltf::Model model;
    const Result<Srgb> tint = from_hex(row.entry.colour);
    add_materials(model, {tint ? *tint : 0xFFFFFF, false});
    model.meshes.push_back(to_mesh(thing.shape, std::string(name)));
    gltf::Node node;
    node.name = name;
    node.mesh = 0;
    model.nodes.push_back(std::move(node));
    model.roots.push_back(0);
    return CatalogueModel{gltf::write_glb(model), thing.solids.take()};
  }
  return Error{ErrorKind::not_found, "model", format("no model is called \"{}\"", name)};
}

}  // namespace mw::kit
