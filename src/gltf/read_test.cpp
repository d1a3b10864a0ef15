#include "gltf/read.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/limits.h"
#include "gltf/document.h"
#include "gltf/model.h"

namespace mw::gltf {
namespace {

Result<Bytes> no_files(std::string_view) { return Error{ErrorKind::not_found, "", "no such file"}; }

// A unit square of two triangles on the ground, one node.
Model square() {
  Model model;
  Primitive p;
  p.positions = {{0, 0, 0}, {1, 0, 0}, {1, 0, 1}, {0, 0, 1}};
  p.normals = {{0, 1, 0}, {0, 1, 0}, {0, 1, 0}, {0, 1, 0}};
  p.indices = {0, 2, 1, 0, 3, 2};
  model.meshes.push_back({"square", {p}});
  Node node;
  node.name = "floor";
  node.mesh = 0;
  model.nodes.push_back(node);
  model.roots = {0};
  return model;
}

// The JSON of a square with its buffer inside, for tests that break one thing.
Json plain() {
  const Bytes glb = write_glb(square());
  const std::size_t length = glb[12] | glb[13] << 8 | glb[14] << 16;
  Json json = Json::parse(glb.begin() + 20, glb.begin() + 20 + static_cast<std::ptrdiff_t>(length));
  json["buffers"][0]["uri"] = "square.bin";
  return json;
}

Result<Scene> read_json(const Json& json) {
  const std::string text = json.dump();
  const auto resolver = [](std::string_view path) -> Result<Bytes> {
    if (path != "square.bin") return Error{ErrorKind::not_found, "", "no such file"};
    const Bytes glb = write_glb(square());
    const std::size_t length = glb[12] | glb[13] << 8 | glb[14] << 16;
    return Bytes(glb.begin() + 28 + static_cast<std::ptrdiff_t>(length), glb.end());
  };
  return read(as_bytes(text), resolver, {"square.gltf"});
}

std::string problem(const std::function<void(Json&)>& breaking) {
  Json json = plain();
  breaking(json);
  const auto scene = read_json(json);
  return scene ? "none" : scene.error().text();
}

TEST(Read, GivesBackWhatWasWritten) {
  for (bool compress : {false, true}) {
    const auto scene = read(write_glb(square(), {compress}), no_files, {"square.glb"});
    ASSERT_TRUE(scene) << scene.error().text();
    EXPECT_EQ(scene->triangles, 2u);
    ASSERT_EQ(scene->collision.size(), 2u);
    EXPECT_NEAR(scene->bounds.high.x, 1, 1e-4);
    EXPECT_NEAR(scene->bounds.high.z, 1, 1e-4);
    EXPECT_FALSE(scene->has_colliders);
  }
  const auto scene = read_json(plain());
  ASSERT_TRUE(scene) << scene.error().text();
  EXPECT_EQ(scene->files, std::vector<std::string>{"square.bin"});
}

TEST(Read, PlacesInstances) {
  for (bool compress : {false, true}) {
    Model model = square();
    for (int i = 0; i < 5; ++i)
      model.nodes[0].instances.push_back({{{10.f * static_cast<float>(i), 1, 0}, turn_y(0.3f), {2, 2, 2}}, {1, 1, 1}});
    const auto scene = read(write_glb(model, {compress}), no_files, {"instances.glb"});
    ASSERT_TRUE(scene) << scene.error().text();
    EXPECT_EQ(scene->triangles, 10u);
    EXPECT_NEAR(scene->bounds.high.x, 40 + 2 * (std::cos(0.3f) + std::sin(0.3f)), 1e-3);
  }
}

TEST(Read, HonoursCollidersSpawnsAndLights) {
  Model model = square();
  Node wall;
  wall.name = "Wall_Collider";
  wall.mesh = 0;
  wall.transform.translation = {0, 5, 0};
  Node spawn;
  spawn.name = "start";
  spawn.transform = {{3, 0, 4}, turn_y(1.5f), {1, 1, 1}};
  spawn.extensions = {{"OMI_spawn_point", {{"title", "Start"}}}};
  Node lamp;
  lamp.light = 0;
  lamp.transform.translation = {0, 3, 0};
  model.lights.push_back({"point", {1, 0.5f, 0.25f}, 20, 9});
  model.nodes.insert(model.nodes.end(), {wall, spawn, lamp});
  model.roots = {0, 1, 2, 3};
  const auto scene = read(write_glb(model), no_files, {"scene.glb"});
  ASSERT_TRUE(scene) << scene.error().text();
  EXPECT_TRUE(scene->has_colliders);
  ASSERT_EQ(scene->collision.size(), 2u);
  EXPECT_NEAR(scene->collision[0].a.y, 5, 1e-4);
  ASSERT_EQ(scene->spawns.size(), 1u);
  EXPECT_EQ(scene->spawns[0].name, "Start");
  EXPECT_NEAR(scene->spawns[0].yaw, 1.5, 1e-4);
  EXPECT_EQ(scene->spawns[0].position, (Vec3{3, 0, 4}));
  ASSERT_EQ(scene->lights.size(), 1u);
  EXPECT_EQ(scene->lights[0].kind, "point");
  EXPECT_FLOAT_EQ(scene->lights[0].intensity, 20);
}

TEST(Read, TakesShapesOfOmiPhysics) {
  Json json = plain();
  json["extensions"]["OMI_physics_shape"]["shapes"] = {{{"type", "box"}, {"box", {{"size", {2, 4, 6}}}}},
                                                       {{"type", "sphere"}, {"sphere", {{"radius", 2}}}}};
  json["nodes"].push_back({{"extensions", {{"OMI_physics_body", {{"collider", {{"shape", 0}}}}}}}});
  json["scenes"][0]["nodes"].push_back(1);
  const auto scene = read_json(json);
  ASSERT_TRUE(scene) << scene.error().text();
  EXPECT_TRUE(scene->has_colliders);
  Bounds box;
  for (const auto& t : scene->collision) {
    for (const auto& p : {t.a, t.b, t.c}) box.add({p.x, p.y, p.z});
  }
  EXPECT_NEAR(box.size().x, 2, 1e-4);
  EXPECT_NEAR(box.size().y, 4, 1e-4);
  EXPECT_NEAR(box.size().z, 6, 1e-4);
  json["nodes"][1]["extensions"]["OMI_physics_body"]["collider"]["shape"] = 7;
  EXPECT_NE(read_json(json).error().text().find("nodes[1].extensions.OMI_physics_body.collider.shape"),
            std::string::npos);
}

TEST(Read, SimplifiesWhatHasNoColliders) {
  Model model;
  Primitive p;
  constexpr int kSide = 60;
  for (int z = 0; z <= kSide; ++z) {
    for (int x = 0; x <= kSide; ++x)
      p.positions.push_back(
          {static_cast<float>(x), 0.02f * static_cast<float>((x * 7 + z * 3) % 5), static_cast<float>(z)});
  }
  for (std::uint32_t z = 0; z < kSide; ++z) {
    for (std::uint32_t x = 0; x < kSide; ++x) {
      const std::uint32_t a = z * (kSide + 1) + x;
      p.indices.insert(p.indices.end(), {a, a + kSide + 1, a + kSide + 2, a, a + kSide + 2, a + 1});
    }
  }
  model.meshes.push_back({"ground", {p}});
  model.nodes.emplace_back();
  model.nodes[0].mesh = 0;
  model.roots = {0};
  const auto scene = read(write_glb(model), no_files, {"ground.glb", 500});
  ASSERT_TRUE(scene) << scene.error().text();
  EXPECT_EQ(scene->triangles, 7200u);
  EXPECT_LE(scene->collision.size(), 500u);
  EXPECT_GT(scene->collision.size(), 10u);
}

// Each says the file, the field and the reason.
TEST(Read, SaysWhatIsWrong) {
  const std::vector<std::pair<std::string, std::function<void(Json&)>>> cases{
      {"square.gltf: asset.version: expected 2.0, found \"1.0\"", [](Json& j) { j["asset"]["version"] = "1.0"; }},
      {"square.gltf: extensionsRequired: the file needs the extension KHR_draco_mesh_compression, which is not "
       "supported here",
       [](Json& j) { j["extensionsRequired"] = {"KHR_draco_mesh_compression"}; }},
      {"square.gltf: accessors[0].count: needs 131070 bytes, but the buffer view has 32",
       [](Json& j) { j["accessors"][0]["count"] = 16384; }},
      {"square.gltf: accessors[0].bufferView: expected 0 to 2, found 9",
       [](Json& j) { j["accessors"][0]["bufferView"] = 9; }},
      {"square.gltf: accessors[0].componentType: 5124 is no component type",
       [](Json& j) { j["accessors"][0]["componentType"] = 5124; }},
      {"square.gltf: bufferViews[0].byteLength: ends at 5000, but the buffer has 60 bytes",
       [](Json& j) { j["bufferViews"][0]["byteLength"] = 5000; }},
      {"square.gltf: bufferViews[1].byteOffset: expected a whole number",
       [](Json& j) { j["bufferViews"][1]["byteOffset"] = -4; }},
      {"square.gltf: buffers[0].uri: the path must stay inside of the model's folder",
       [](Json& j) { j["buffers"][0]["uri"] = "../../etc/passwd"; }},
      {"square.gltf: buffers[0].uri: the path must stay inside of the model's folder",
       [](Json& j) { j["buffers"][0]["uri"] = "a/%2e%2e/%2E%2E/b"; }},
      {"square.gltf: buffers[0].uri: expected a relative path of plain characters to a file beside the model",
       [](Json& j) { j["buffers"][0]["uri"] = "https://example.org/a.bin"; }},
      {"square.gltf: buffers[0].uri: no such file", [](Json& j) { j["buffers"][0]["uri"] = "other.bin"; }},
      {"square.gltf: nodes[0].mesh: expected 0 to 0, found 4", [](Json& j) { j["nodes"][0]["mesh"] = 4; }},
      {"square.gltf: nodes[0]: is its own ancestor",
       [](Json& j) { j["nodes"] = {{{"children", {1}}}, {{"children", {0}}}}; }},
      {"square.gltf: nodes[0].translation: expected 3 numbers", [](Json& j) { j["nodes"][0]["translation"] = {1, 2}; }},
      {"square.gltf: nodes[0]: reaches beyond 4096 m from the origin",
       [](Json& j) { j["nodes"][0]["translation"] = {90000, 0, 0}; }},
      {"square.gltf: scenes: there is no scene to show", [](Json& j) { j.erase("scenes"); }},
      {"square.gltf: meshes[0].primitives[0].attributes.POSITION: is missing",
       [](Json& j) { j["meshes"][0]["primitives"][0]["attributes"].erase("POSITION"); }},
      {"square.gltf: images[0]: expected either uri or bufferView",
       [](Json& j) { j["images"] = Json::array({Json::object()}); }},
      {"square.gltf: images[0]: expected PNG, JPEG, WebP or KTX2",
       [](Json& j) { j["images"] = Json::array({Json::object({{"uri", "square.bin"}})}); }},
      {"square.gltf: materials[0].normalTexture.index: there are no textures",
       [](Json& j) { j["materials"] = {{{"normalTexture", {{"index", 0}}}}}; }},
  };
  for (const auto& [expected, breaking] : cases) EXPECT_EQ(problem(breaking), expected);
}

TEST(Read, RefusesIndicesOutsideOfTheVertices) {
  Bytes glb = write_glb(square());
  // The indices are the last twelve bytes of the binary chunk.
  glb[glb.size() - 12] = 200;
  const auto scene = read(glb, no_files, {"square.glb"});
  ASSERT_FALSE(scene);
  EXPECT_EQ(scene.error().text(),
            "square.glb: meshes[0].primitives[0].indices: index 0 is 200, but there are 4 vertices");
}

TEST(Read, RefusesEveryTruncation) {
  for (bool compress : {false, true}) {
    const Bytes glb = write_glb(square(), {compress});
    for (std::size_t size = 0; size < glb.size(); ++size)
      EXPECT_FALSE(read(ByteView(glb).first(size), no_files, {"cut.glb"})) << size;
  }
}

TEST(Read, KnowsImages) {
  const Bytes grey = png(3, 2, 1, Bytes{0, 50, 100, 150, 200, 250});
  const auto header = read_image_header(grey);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->format, "image/png");
  EXPECT_EQ(header->width, 3u);
  EXPECT_EQ(header->height, 2u);
  Bytes huge = grey;
  huge[16] = 1;
  EXPECT_EQ(read_image_header(huge).error().kind, ErrorKind::too_large);
  const Bytes jpeg{0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, 0xC0, 0, 11, 8, 0, 16, 0, 32, 1, 1, 0x11, 0};
  const auto photo = read_image_header(jpeg);
  ASSERT_TRUE(photo) << photo.error().message;
  EXPECT_EQ(photo->width, 32u);
  EXPECT_EQ(photo->height, 16u);
  Bytes ktx(80 + 24, 0);
  const std::string_view magic("\xABKTX 20\xBB\r\n\x1A\n", 12);
  std::copy(magic.begin(), magic.end(), ktx.begin());
  ktx[20] = 64, ktx[24] = 64, ktx[36] = 1, ktx[40] = 1;
  EXPECT_TRUE(read_image_header(ktx));
  ktx[80] = 90, ktx[88] = 200;  // the level would end behind the file
  EXPECT_FALSE(read_image_header(ktx));
}

TEST(SafePath, StaysInside) {
  for (std::string_view good : {"a.bin", "textures/wall%20one.png", "a..b", "x/y/z.jpg"})
    EXPECT_TRUE(safe_path(good)) << good;
  for (std::string_view evil : {"", "/etc/passwd", "..", "../a", "a/../b", "a/./b", "a//b", "file:///a", "C:\\a",
                                "%2e%2e/a", "a%00b", "a%2", "%", "//host/a", "a/"}) {
    EXPECT_FALSE(safe_path(evil)) << evil;
  }
}

}  // namespace
}  // namespace mw::gltf
