// Which joint is which bone of a person, told by its name.
#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

#include "gltf/avatar.h"

namespace mw::gltf {
namespace {

constexpr std::array<int, kBoneCount> kParents{-1, 0,  1,  2, 3,  4,  3,  6, 7,  8,  3,
                                               10, 11, 12, 0, 14, 15, 16, 0, 18, 19, 20};

// What a joint's name says: the side, the words that are left, and a number at the end.
struct Told {
  char side = ' ';  // 'l', 'r'
  std::string core;
  int number = -1;
};

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

// "mixamorig:LeftUpLeg" is mixamorig, left, up, leg; "spine_01" is spine, 01.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  bool open = false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!is_letter(c) && !is_digit(c)) {
      open = false;
      continue;
    }
    const bool turns =
        open && (is_digit(c) != is_digit(words.back().back()) || (is_upper(c) && !is_upper(name[i - 1])));
    if (!open || turns) words.emplace_back();
    words.back() += c;
    open = true;
  }
  for (auto& word : words) std::ranges::transform(word, word.begin(), lower);
  return words;
}

Told told_by(std::string_view name) {
  constexpr std::array<std::string_view, 16> kNoise{"mixamorig", "def",  "org",      "bip",       "j",    "c",
                                                    "cc",        "base", "armature", "b",         "bone", "jnt",
                                                    "joint",     "skel", "rig",      "valvebiped"};
  Told out;
  bool after_noise = false;
  for (const auto& word : words_of(name)) {
    const bool number = is_digit(word.front());
    if (number) {
      // That of a prefix ("Bip001", "mixamorig9") counts nothing.
      if (!after_noise && !out.core.empty()) out.number = word.size() < 5 ? std::stoi(word) : 9999;
      continue;
    }
    after_noise = false;
    if (word == "l" || word == "left") {
      out.side = 'l';
    } else if (word == "r" || word == "right") {
      out.side = 'r';
    } else if (std::ranges::find(kNoise, word) != kNoise.end() && out.core.empty()) {
      after_noise = true;
    } else {
      out.core += word;
    }
  }
  return out;
}

using Names = std::map<std::string, int, std::less<>>;  // core with its side ("l:thigh"), to node

// The first of the names that is there and not yet another bone's.
int first_of(const Names& names, char side, std::initializer_list<std::string_view> cores) {
  for (const auto core : cores) {
    const auto key = side == ' ' ? std::string(core) : std::string(1, side) + ":" + std::string(core);
    if (const auto at = names.find(key); at != names.end()) return at->second;
  }
  return -1;
}

int& at(BoneNodes& bones, std::string_view name) { return bones[static_cast<std::size_t>(bone_named(name))]; }

void limbs(BoneNodes& out, const Names& names, char side) {
  const std::string word = side == 'l' ? "left" : "right";
  const auto put = [&](const char* bone, int node) { at(out, word + bone) = node; };
  put("Shoulder", first_of(names, side, {"shoulder", "clavicle", "collar", "collarbone"}));
  const int upper_arm = first_of(names, side, {"upperarm", "uparm", "armupper", "bicep"});
  const int lower_arm = first_of(names, side, {"lowerarm", "forearm", "elbow", "armlower", "lowarm"});
  put("UpperArm", upper_arm >= 0 ? upper_arm : first_of(names, side, {"arm"}));
  put("LowerArm", lower_arm >= 0 || upper_arm < 0 ? lower_arm : first_of(names, side, {"arm"}));
  put("Hand", first_of(names, side, {"hand", "wrist"}));
  // "Leg" alone is the upper one where there is a knee or a shin, else the lower one.
  const int upper_leg = first_of(names, side, {"upperleg", "upleg", "thigh", "legupper"});
  const int lower_leg = first_of(names, side, {"lowerleg", "shin", "calf", "knee", "leglower", "lowleg"});
  put("UpperLeg", upper_leg >= 0 ? upper_leg : first_of(names, side, {"leg"}));
  put("LowerLeg", lower_leg >= 0 || upper_leg < 0 ? lower_leg : first_of(names, side, {"leg"}));
  put("Foot", first_of(names, side, {"foot", "ankle"}));
  put("Toes", first_of(names, side, {"toes", "toe", "toebase", "ball"}));
}

// The joints called spine, in the order of their numbers. Rigify's row is all of the trunk, from the hips to the head.
void trunk(BoneNodes& out, const Names& names, const std::vector<std::pair<int, int>>& spines) {
  at(out, "hips") = first_of(names, ' ', {"hips", "hip", "pelvis"});
  at(out, "neck") = first_of(names, ' ', {"neck"});
  at(out, "head") = first_of(names, ' ', {"head"});
  at(out, "chest") = first_of(names, ' ', {"chest", "torso", "ribcage", "spinemiddle"});
  at(out, "upperChest") = first_of(names, ' ', {"upperchest", "chestupper", "spineupper"});
  at(out, "spine") = first_of(names, ' ', {"abdomen", "spinelower", "waist", "belly"});
  std::size_t next = 0;
  const auto take = [&](std::string_view bone) {
    if (at(out, bone) < 0 && next < spines.size()) at(out, bone) = spines[next++].second;
  };
  const bool row = at(out, "hips") < 0 && spines.size() >= 4;
  for (const char* bone : {"hips", "spine", "chest", "upperChest"})
    if (row || std::string_view(bone) != "hips") take(bone);
  if (!row) return;
  take("neck");
  if (at(out, "head") < 0 && next < spines.size()) at(out, "head") = spines.back().second;
}

}  // namespace

int bone_named(std::string_view name) {
  const auto at = std::ranges::find(kBones, name);
  return at == kBones.end() ? -1 : static_cast<int>(at - kBones.begin());
}

int parent_of(int bone) { return kParents[static_cast<std::size_t>(bone)]; }

BoneNodes bones_by_name(const std::vector<std::string>& names, const std::vector<int>& nodes) {
  Names known;
  std::vector<std::pair<int, int>> spines;
  for (std::size_t i = 0; i < names.size() && i < nodes.size(); ++i) {
    const auto told = told_by(names[i]);
    if (told.side == ' ' && told.core == "spine") spines.emplace_back(told.number, nodes[i]);
    // "neck_01" is the neck; "upper_arm.L.001" is what an upper arm is cut into, and comes after the whole one.
    auto key = told.side == ' ' ? told.core : std::string(1, told.side) + ":" + told.core;
    known.try_emplace(std::move(key), nodes[i]);
  }
  std::ranges::sort(spines);
  BoneNodes out;
  out.fill(-1);
  trunk(out, known, spines);
  limbs(out, known, 'l');
  limbs(out, known, 'r');
  return out;
}

}  // namespace mw::gltf
