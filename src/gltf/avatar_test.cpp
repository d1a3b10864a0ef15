#include "gltf/avatar.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "gltf/read.h"
#include "gltf/test_figure.h"

namespace mw::gltf {
namespace {

using test::changed;
using test::figure;
using test::FigureShape;
using test::vrm0;
using test::vrm1;

AvatarFile opened(const Bytes& bytes) {
  auto file = AvatarFile::open(bytes, "me.vrm");
  EXPECT_TRUE(file) << (file ? "" : file.error().text());
  return std::move(file).value();
}

std::string problem(const Bytes& bytes) {
  const auto file = AvatarFile::open(bytes, "me.vrm");
  return file ? "none" : file.error().text();
}

// A real file beside the project, for tests that are skipped without it.
Bytes shared_file(const char* name) {
  std::ifstream in("../shared/assets/" + std::string(name), std::ios::binary);
  if (!in) return {};
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(Avatar, TakesBothVersionsOfVrmAndTellsWhichWayTheyLook) {
  FigureShape back;
  back.backwards = true;
  const auto old = opened(vrm0(write_glb(figure(back))));
  EXPECT_EQ(old.about().kind, AvatarKind::vrm0);
  EXPECT_NEAR(std::abs(old.about().fit.turn), kPi, 1e-4);
  const auto now = opened(vrm1(write_glb(figure())));
  EXPECT_EQ(now.about().kind, AvatarKind::vrm1);
  EXPECT_NEAR(now.about().fit.turn, 0, 1e-4);
  for (const auto* file : {&old, &now}) {
    EXPECT_NEAR(file->about().height, 1.7f, 0.05f);
    EXPECT_EQ(file->about().ranked.rank, Rank::excellent);
    for (std::size_t bone = 0; bone < kBoneCount; ++bone)
      EXPECT_EQ(file->about().bones[bone], static_cast<int>(bone)) << kBones[bone];
    // The left hand is on the left, whichever way the file looks.
    EXPECT_GT(file->about()
                  .fit(test::bone_places()[static_cast<std::size_t>(bone_named("leftHand"))] *
                       (file == &old ? Vec3{-1, 1, -1} : Vec3{1, 1, 1}))
                  .x,
              0.3f);
  }
}

struct Maker {
  const char* what;
  std::vector<std::pair<const char*, const char*>> joints;  // bone, name
};
const std::vector<Maker> kMakers{
    {"Mixamo",
     {{"hips", "mixamorig:Hips"},
      {"spine", "mixamorig:Spine"},
      {"chest", "mixamorig:Spine1"},
      {"upperChest", "mixamorig:Spine2"},
      {"neck", "mixamorig:Neck"},
      {"head", "mixamorig:Head"},
      {"leftShoulder", "mixamorig:LeftShoulder"},
      {"leftUpperArm", "mixamorig:LeftArm"},
      {"leftLowerArm", "mixamorig:LeftForeArm"},
      {"leftHand", "mixamorig:LeftHand"},
      {"leftUpperLeg", "mixamorig:LeftUpLeg"},
      {"leftLowerLeg", "mixamorig:LeftLeg"},
      {"leftFoot", "mixamorig:LeftFoot"},
      {"leftToes", "mixamorig:LeftToeBase"}}},
    {"Rigify",
     {{"hips", "DEF-spine"},
      {"spine", "DEF-spine.001"},
      {"chest", "DEF-spine.002"},
      {"upperChest", "DEF-spine.003"},
      {"neck", "DEF-spine.004"},
      {"head", "DEF-spine.006"},
      {"leftUpperArm", "DEF-upper_arm.L"},
      {"leftLowerArm", "DEF-forearm.L"},
      {"leftHand", "DEF-hand.L"},
      {"leftUpperLeg", "DEF-thigh.L"},
      {"leftLowerLeg", "DEF-shin.L"},
      {"leftFoot", "DEF-foot.L"},
      {"rightUpperArm", "DEF-upper_arm.R"}}},
    {"Unreal",
     {{"hips", "pelvis"},
      {"spine", "spine_01"},
      {"chest", "spine_02"},
      {"upperChest", "spine_03"},
      {"neck", "neck_01"},
      {"head", "head"},
      {"leftShoulder", "clavicle_l"},
      {"leftUpperArm", "upperarm_l"},
      {"leftLowerArm", "lowerarm_l"},
      {"leftHand", "hand_l"},
      {"leftUpperLeg", "thigh_l"},
      {"leftLowerLeg", "calf_l"},
      {"leftFoot", "foot_l"},
      {"leftToes", "ball_l"},
      {"rightFoot", "foot_r"}}},
    {"Biped",
     {{"hips", "Bip001 Pelvis"},
      {"spine", "Bip001 Spine"},
      {"chest", "Bip001 Spine1"},
      {"head", "Bip001 Head"},
      {"leftUpperArm", "Bip001 L UpperArm"},
      {"leftLowerArm", "Bip001 L Forearm"},
      {"leftHand", "Bip001 L Hand"},
      {"leftUpperLeg", "Bip001 L Thigh"},
      {"leftLowerLeg", "Bip001 L Calf"},
      {"rightFoot", "Bip001 R Foot"}}},
    {"VRoid",
     {{"hips", "J_Bip_C_Hips"},
      {"spine", "J_Bip_C_Spine"},
      {"chest", "J_Bip_C_Chest"},
      {"upperChest", "J_Bip_C_UpperChest"},
      {"head", "J_Bip_C_Head"},
      {"leftUpperArm", "J_Bip_L_UpperArm"},
      {"leftLowerArm", "J_Bip_L_LowerArm"},
      {"leftHand", "J_Bip_L_Hand"},
      {"leftUpperLeg", "J_Bip_L_UpperLeg"}}},
    {"a hand-made one",
     {{"hips", "Hips"},
      {"spine", "Spine"},
      {"chest", "Chest"},
      {"leftUpperLeg", "Left leg"},
      {"leftLowerLeg", "Left knee"},
      {"leftFoot", "Left ankle"},
      {"leftUpperArm", "Left arm"},
      {"leftLowerArm", "Left elbow"},
      {"leftHand", "Left wrist"},
      {"head", "HEAD"}}},
};

TEST(Avatar, KnowsTheJointsOfManyMakersByName) {
  for (const auto& maker : kMakers) {
    std::vector<std::string> names;
    std::vector<int> nodes;
    for (std::size_t i = 0; i < maker.joints.size(); ++i)
      names.emplace_back(maker.joints[i].second), nodes.push_back(static_cast<int>(i) + 5);
    const auto bones = bones_by_name(names, nodes);
    for (std::size_t i = 0; i < maker.joints.size(); ++i)
      EXPECT_EQ(bones[static_cast<std::size_t>(bone_named(maker.joints[i].first))], static_cast<int>(i) + 5)
          << maker.what << ": " << maker.joints[i].first;
    const auto found = std::ranges::count_if(bones, [](int node) { return node >= 0; });
    EXPECT_EQ(found, static_cast<std::ptrdiff_t>(maker.joints.size())) << maker.what << " has bones that are not there";
  }
}

TEST(Avatar, NamesTheBoneThatIsMissing) {
  FigureShape lacking;
  lacking.name = [](std::string_view bone) { return bone == "leftLowerArm" ? std::string() : std::string(bone); };
  const auto plain = problem(write_glb(figure(lacking)));
  EXPECT_NE(plain.find("the left lower arm"), std::string::npos) << plain;
  EXPECT_NE(plain.find("LeftForeArm"), std::string::npos) << plain;
  const auto vrm = problem(changed(vrm1(write_glb(figure())), [](Json& json) {
    json["extensions"]["VRMC_vrm"]["humanoid"]["humanBones"].erase("rightFoot");
  }));
  EXPECT_EQ(vrm, "me.vrm: bones: the file names no node for the right foot (rightFoot)");
  // A plain one may lack hands and feet.
  lacking.name = [](std::string_view bone) {
    return bone.ends_with("Hand") || bone.ends_with("Foot") || bone.ends_with("Toes") ? std::string()
                                                                                      : std::string(bone);
  };
  EXPECT_EQ(problem(write_glb(figure(lacking))), "none");
  const auto twice = problem(changed(vrm1(write_glb(figure())), [](Json& json) {
    json["extensions"]["VRMC_vrm"]["humanoid"]["humanBones"]["rightFoot"]["node"] = 1;
  }));
  EXPECT_NE(twice.find("more than one bone"), std::string::npos) << twice;
}

TEST(Avatar, RefusesWhatIsNoFigure) {
  const auto glb = write_glb(figure());
  EXPECT_NE(problem(as_bytes("{\"asset\":{}}").size() > 0 ? Bytes{'{', '}', ' ', ' '} : Bytes{}).find("glTF"),
            std::string::npos);
  EXPECT_NE(problem(changed(glb,
                            [](Json& json) {
                              json.erase("skins");
                              for (auto& node : json["nodes"]) node.erase("skin");
                            }))
                .find("skins"),
            std::string::npos);
  // Lying down, and with arms and legs crossed over in one plane.
  const auto lying = problem(changed(glb, [](Json& json) {
    json["nodes"].push_back({{"children", json["scenes"][0]["nodes"]}, {"rotation", {0.7071068, 0, 0, 0.7071068}}});
    json["scenes"][0]["nodes"] = {json["nodes"].size() - 1};
  }));
  EXPECT_NE(lying.find("pose"), std::string::npos) << lying;
  Bytes cut(glb.begin(), glb.begin() + 200);
  EXPECT_NE(problem(cut), "none");
}

TEST(Avatar, HoldsAVrmToThePersonsSizeAndBringsOthersToOne) {
  FigureShape tall;
  tall.height = 4;
  const auto refused = problem(vrm1(write_glb(figure(tall))));
  EXPECT_NE(refused.find("height: is 4."), std::string::npos) << refused;
  tall.height = 0.3f;
  EXPECT_NE(problem(vrm0(write_glb(figure(tall)))).find("expected 0.5 to 3 m"), std::string::npos);
  tall.height = 170;
  const auto resized = opened(write_glb(figure(tall)));
  EXPECT_TRUE(resized.about().resized);
  EXPECT_NEAR(resized.about().height, 1.7f, 1e-3);
  EXPECT_NEAR(resized.about().fit.scale, 0.01, 1e-3);
}

TEST(Avatar, RanksByTheWorstMeasureAndSaysWhy) {
  AvatarCost cost{9'000, 9'000, 1, 60, 2, 4u << 20, 1u << 20};
  EXPECT_EQ(rank_of(cost).rank, Rank::excellent);
  EXPECT_TRUE(rank_of(cost).reasons.empty());
  cost.materials = 9;
  const auto medium = rank_of(cost);
  EXPECT_EQ(medium.rank, Rank::medium);
  ASSERT_EQ(medium.reasons.size(), 1u);
  EXPECT_EQ(medium.reasons[0].measure, "materials");
  EXPECT_EQ(medium.reasons[0].allowed, 5u);
  cost.triangles = 100'000;
  EXPECT_EQ(rank_of(cost).rank, Rank::poor);
  FigureShape fine;
  fine.rings = 80, fine.sides = 40;
  const auto file = opened(vrm1(write_glb(figure(fine))));
  EXPECT_EQ(file.about().cost.triangles, 21u * 80 * 40 * 2);
  EXPECT_EQ(file.about().ranked.rank, Rank::poor);
  fine.rings = 160;
  const auto refused = problem(vrm1(write_glb(figure(fine))));
  EXPECT_NE(refused.find("triangles: there are more than 150000"), std::string::npos) << refused;
}

TEST(Avatar, CountsWhatIsShownTwiceBeforeItIsRead) {
  const auto refused = problem(changed(vrm1(write_glb(figure())), [](Json& json) {
    for (int i = 0; i < 900; ++i) {
      json["nodes"].push_back({{"mesh", 0}, {"skin", 0}});
      json["scenes"][0]["nodes"].push_back(json["nodes"].size() - 1);
    }
  }));
  EXPECT_NE(refused.find("there are more than"), std::string::npos) << refused;
}

TEST(Avatar, ReadsTheLicencesOfBothVersions) {
  const auto strict =
      opened(vrm1(write_glb(figure()), {{"name", "Ann"}, {"authors", {"Bo", 7, "Cy"}}})).about().licence;
  EXPECT_EQ(strict.wearer, Wearer::only_author);
  EXPECT_EQ(strict.redistribution, Permission::no);
  EXPECT_EQ(strict.modification, Permission::no);
  EXPECT_EQ(strict.commercial, Permission::no);
  EXPECT_TRUE(strict.credit);
  EXPECT_EQ(strict.authors, (std::vector<std::string>{"Bo", "Cy"}));
  EXPECT_FALSE(may_simplify(strict));
  const auto free = opened(vrm1(write_glb(figure()), {{"avatarPermission", "everyone"},
                                                      {"allowRedistribution", true},
                                                      {"modification", "allowModification"},
                                                      {"commercialUsage", "corporation"},
                                                      {"creditNotation", "unnecessary"},
                                                      {"licenseUrl", "https://vrm.dev/licenses/1.0/"}}))
                        .about()
                        .licence;
  EXPECT_EQ(to_json(free), (Json{{"wearer", "everyone"},
                                 {"redistribution", "yes"},
                                 {"modification", "yes"},
                                 {"commercial", "yes"},
                                 {"credit", false},
                                 {"authors", Json::array()},
                                 {"url", "https://vrm.dev/licenses/1.0/"}}));
  const auto old = [](const Json& meta) { return opened(vrm0(write_glb(figure()), meta)).about().licence; };
  EXPECT_EQ(old({}).wearer, Wearer::only_author);
  EXPECT_EQ(old({{"allowedUserName", "ExplicitlyLicensedPerson"}}).wearer, Wearer::licensed);
  EXPECT_EQ(old({{"licenseName", "CC_BY_NC_ND"}}).modification, Permission::no);
  EXPECT_EQ(old({{"licenseName", "CC_BY_NC_ND"}}).redistribution, Permission::yes);
  EXPECT_EQ(old({{"licenseName", "CC_BY_NC_ND"}, {"commercialUssageName", "Allow"}}).commercial, Permission::no);
  EXPECT_EQ(old({{"licenseName", "Redistribution_Prohibited"}}).redistribution, Permission::no);
  EXPECT_EQ(old({{"otherPermissionUrl", "https://x.example/l?modification=disallow&credit=necessary"}}).modification,
            Permission::no);
  EXPECT_EQ(old({{"otherLicenseUrl", "javascript:alert(1)"}}).url, "");
  const auto long_url = "https://x.example/?" + std::string(900, 'y');
  EXPECT_EQ(old({{"otherLicenseUrl", long_url}}).url, long_url) << "cut, it would lead elsewhere";
  EXPECT_EQ(old({{"otherLicenseUrl", long_url + long_url}}).url, "");
  EXPECT_EQ(old({{"title", std::string(5'000, 'x')}}).name.size(), limits::kAvatarTextBytes);
  EXPECT_EQ(opened(write_glb(figure())).about().licence.wearer, Wearer::unstated);
}

// A lower level is read as any model, by its own skin.
void expect_level(const AvatarFile& file, const LevelPlan& plan, bool pictures) {
  const auto made = file.level(plan);
  ASSERT_TRUE(made) << made.error().text();
  const auto scene = read(*made, {}, {"level.glb"});
  ASSERT_TRUE(scene) << scene.error().text();
  // Surfaces of hard edges alone give way only so far while they have pictures.
  EXPECT_LE(scene->triangles, pictures ? plan.triangles * 3 / 2 + 50 : plan.triangles * 2 + 50);
  EXPECT_LT(scene->triangles, file.about().cost.triangles);
  EXPECT_GT(scene->triangles, 10u);
  EXPECT_EQ(scene->skins, 1u);
  EXPECT_EQ(scene->images, pictures ? 1u : 0u);
  const auto again = AvatarFile::open(*made, "level.glb");
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_NEAR(again->about().height, file.about().height, 0.1f);
  EXPECT_NEAR(again->about().fit.turn, 0, 1e-4);
  EXPECT_NEAR(again->about().fit.offset.y, 0, 0.03f);
  EXPECT_LE(again->about().cost.joints, kBoneCount);
}

TEST(Avatar, MakesLowerLevelsOnTheBonesOfAPerson) {
  FigureShape shape;
  shape.rings = 30, shape.sides = 24, shape.backwards = true, shape.picture = true;
  const auto file = opened(vrm0(write_glb(figure(shape))));
  const auto plans = lower_levels(file.about().cost.triangles);
  ASSERT_GE(plans.size(), 2u);
  std::uint64_t before = file.about().cost.triangles;
  for (const auto& plan : plans) {
    EXPECT_LT(plan.triangles, before);
    before = plan.triangles;
    expect_level(file, plan, plan.texture_side > 0);
  }
}

TEST(Avatar, PutsThePicturesColoursAtTheVertices) {
  FigureShape shape;
  shape.picture = true;
  const auto made = opened(write_glb(figure(shape))).level({400, 0});
  ASSERT_TRUE(made);
  const std::size_t length = test::word_at(*made, 12);
  const Json json = Json::parse(made->begin() + 20, made->begin() + 20 + static_cast<std::ptrdiff_t>(length));
  EXPECT_TRUE(json["meshes"][0]["primitives"][0]["attributes"].contains("COLOR_0"));
  EXPECT_FALSE(json.contains("images"));
}

TEST(Avatar, ShrinksPicturesByAveraging) {
  Pixels pixels{4, 2, {}};
  for (std::uint8_t i = 0; i < 8; ++i) pixels.rgba.push_back({static_cast<std::uint8_t>(i * 10), 0, 0, 255});
  const auto half = shrunk(pixels, 2);
  EXPECT_EQ(half.width, 2);
  EXPECT_EQ(half.height, 1);
  EXPECT_EQ(half.rgba[0][0], (0 + 10 + 40 + 50) / 4);
  EXPECT_EQ(shrunk(pixels, 4).rgba.size(), 8u);
  const auto damaged = decode_image(as_bytes(std::string("\x89PNG\r\n\x1a\n") + std::string(60, 'x')));
  EXPECT_FALSE(damaged);
}

TEST(Avatar, TakesARealVrm) {
  const auto bytes = shared_file("cryptovoxels.vrm");
  if (bytes.empty()) GTEST_SKIP() << "shared/assets/cryptovoxels.vrm is not there";
  const auto file = opened(bytes);
  EXPECT_EQ(file.about().kind, AvatarKind::vrm0);
  EXPECT_EQ(file.about().licence.wearer, Wearer::everyone);
  EXPECT_EQ(file.about().licence.modification, Permission::yes);
  EXPECT_EQ(file.about().licence.authors, std::vector<std::string>{"jin"});
  EXPECT_NEAR(std::abs(file.about().fit.turn), kPi, 1e-3);
  EXPECT_GT(file.about().height, 1.f);
  for (const auto& plan : lower_levels(file.about().cost.triangles)) expect_level(file, plan, false);
}

TEST(Avatar, TakesARealGlbThatIsNoVrm) {
  const auto bytes = shared_file("robot-expressive.glb");
  if (bytes.empty()) GTEST_SKIP() << "shared/assets/robot-expressive.glb is not there";
  const auto file = opened(bytes);
  EXPECT_EQ(file.about().kind, AvatarKind::plain);
  EXPECT_EQ(file.about().bones[static_cast<std::size_t>(bone_named("leftHand"))], -1);
  EXPECT_GE(file.about().bones[static_cast<std::size_t>(bone_named("leftFoot"))], 0);
  EXPECT_NEAR(file.about().fit.turn, 0, 1e-3);
  for (const auto& plan : lower_levels(file.about().cost.triangles)) expect_level(file, plan, false);
}

}  // namespace
}  // namespace mw::gltf
