// The native half of the agreement: the numbers in schema/vectors/agreement.json, which wasm.test.ts compares with what the
// WebAssembly module computes. MW_WRITE_VECTORS=1 writes them anew after a deliberate change of movement or codec.
#include "wasm/agreement.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/format.h"
#include "data/json.h"

namespace mw::wasm {
namespace {

constexpr const char* kPath = "schema/vectors/agreement.json";
constexpr std::uint32_t kSteps = 1'000'000, kFrames = 20'000;

TEST(Agreement, NativeReachesTheStatedHashes) {
  const std::string motion = mw::format("{:016x}", agree_on_motion(kSteps));
  const std::string poses = mw::format("{:016x}", agree_on_poses(kFrames));
  if (std::getenv("MW_WRITE_VECTORS") != nullptr) {
    const Json now = {
        {"about", "Hashes that the native build and the WebAssembly module both reach (src/wasm/agreement.h)."},
        {"motion_steps", kSteps},
        {"motion_hash", motion},
        {"pose_frames", kFrames},
        {"pose_hash", poses}};
    std::ofstream(kPath) << now.dump(1) << "\n";
  }
  std::ifstream file(kPath);
  std::stringstream text;
  text << file.rdbuf();
  const auto stated = data::parse_json(text.str());
  ASSERT_TRUE(stated.ok()) << kPath;
  EXPECT_EQ(stated->at("motion_steps"), kSteps);
  EXPECT_EQ(stated->at("pose_frames"), kFrames);
  EXPECT_EQ(stated->at("motion_hash"), motion);
  EXPECT_EQ(stated->at("pose_hash"), poses);
}

TEST(Agreement, HashesDependOnWhatIsDone) {
  EXPECT_NE(agree_on_motion(2'000), agree_on_motion(2'001));
  EXPECT_NE(agree_on_poses(200), agree_on_poses(201));
  EXPECT_EQ(agree_on_motion(2'000), agree_on_motion(2'000));
  EXPECT_NE(agree_on_poses(200), 0u) << "0 says that a frame did not decode to what was encoded";
}

}  // namespace
}  // namespace mw::wasm
