#include "trust/identity.h"

#include <array>

namespace mw::trust {
namespace {

struct Pair {
  const char* en;
  const char* zh;
};

// Friendly in both languages, of nobody's religion or politics, and short enough for kNameChars together.
constexpr std::array<Pair, 64> kManners = {{
    {"Calm", "安静的"},     {"Bright", "明亮的"},   {"Gentle", "温柔的"},   {"Brave", "勇敢的"},
    {"Merry", "快乐的"},    {"Swift", "敏捷的"},    {"Curious", "好奇的"},  {"Sunny", "阳光的"},
    {"Quiet", "沉静的"},    {"Kind", "善良的"},     {"Clever", "聪明的"},   {"Lucky", "幸运的"},
    {"Lively", "活泼的"},   {"Patient", "耐心的"},  {"Cosy", "舒适的"},     {"Nimble", "灵巧的"},
    {"Jolly", "开心的"},    {"Noble", "高贵的"},    {"Witty", "机智的"},    {"Warm", "温暖的"},
    {"Dreamy", "爱做梦的"}, {"Honest", "诚实的"},   {"Cheerful", "乐观的"}, {"Fearless", "无畏的"},
    {"Graceful", "优雅的"}, {"Humble", "谦虚的"},   {"Eager", "热心的"},    {"Playful", "爱玩的"},
    {"Steady", "沉稳的"},   {"Silver", "银色的"},   {"Golden", "金色的"},   {"Azure", "天蓝的"},
    {"Crimson", "绯红的"},  {"Amber", "琥珀色的"},  {"Jade", "翡翠色的"},   {"Coral", "珊瑚色的"},
    {"Misty", "迷雾中的"},  {"Snowy", "雪白的"},    {"Starry", "星光下的"}, {"Lunar", "月光下的"},
    {"Rainy", "雨中的"},    {"Windy", "风中的"},    {"Mossy", "青苔上的"},  {"Sandy", "沙滩上的"},
    {"Morning", "清晨的"},  {"Evening", "傍晚的"},  {"Winter", "冬日的"},   {"Spring", "春日的"},
    {"Summer", "夏日的"},   {"Autumn", "秋日的"},   {"Little", "小小的"},   {"Mighty", "强壮的"},
    {"Tidy", "整洁的"},     {"Polite", "有礼貌的"}, {"Sleepy", "困倦的"},   {"Roving", "漫游的"},
    {"Singing", "歌唱的"},  {"Dancing", "跳舞的"},  {"Smiling", "微笑的"},  {"Wise", "智慧的"},
    {"Neat", "利落的"},     {"Zesty", "有活力的"},  {"Mellow", "恬淡的"},   {"Hopeful", "满怀希望的"},
}};
constexpr std::array<Pair, 64> kAnimals = {{
    {"Otter", "水獭"},     {"Fox", "狐狸"},       {"Panda", "熊猫"},    {"Heron", "苍鹭"},    {"Badger", "獾"},
    {"Crane", "仙鹤"},     {"Hare", "野兔"},      {"Lynx", "猞猁"},     {"Owl", "猫头鹰"},    {"Seal", "海豹"},
    {"Whale", "鲸鱼"},     {"Dolphin", "海豚"},   {"Robin", "知更鸟"},  {"Swan", "天鹅"},     {"Deer", "小鹿"},
    {"Koala", "考拉"},     {"Beaver", "河狸"},    {"Hedgehog", "刺猬"}, {"Squirrel", "松鼠"}, {"Finch", "雀鸟"},
    {"Magpie", "喜鹊"},    {"Turtle", "海龟"},    {"Gecko", "壁虎"},    {"Puffin", "海鹦"},   {"Penguin", "企鹅"},
    {"Falcon", "猎鹰"},    {"Sparrow", "麻雀"},   {"Tiger", "老虎"},    {"Lion", "狮子"},     {"Zebra", "斑马"},
    {"Giraffe", "长颈鹿"}, {"Camel", "骆驼"},     {"Pony", "小马"},     {"Alpaca", "羊驼"},   {"Yak", "牦牛"},
    {"Ibis", "朱鹮"},      {"Pelican", "鹈鹕"},   {"Toucan", "巨嘴鸟"}, {"Parrot", "鹦鹉"},   {"Peacock", "孔雀"},
    {"Cat", "猫咪"},       {"Wolf", "灰狼"},      {"Bear", "棕熊"},     {"Moose", "驼鹿"},    {"Marmot", "旱獭"},
    {"Mole", "鼹鼠"},      {"Newt", "蝾螈"},      {"Carp", "锦鲤"},     {"Octopus", "章鱼"},  {"Seahorse", "海马"},
    {"Starfish", "海星"},  {"Firefly", "萤火虫"}, {"Bee", "蜜蜂"},      {"Cricket", "蟋蟀"},  {"Butterfly", "蝴蝶"},
    {"Dragonfly", "蜻蜓"}, {"Swallow", "燕子"},   {"Lark", "云雀"},     {"Egret", "白鹭"},    {"Kiwi", "几维鸟"},
    {"Wombat", "袋熊"},    {"Kangaroo", "袋鼠"},  {"Meerkat", "狐獴"},  {"Raccoon", "浣熊"},
}};

}  // namespace

std::string suggest_name(std::uint64_t seed, Language language) {
  // One multiplication spreads neighbouring seeds; the upper bits are the good ones.
  const std::uint64_t mixed = (seed + 0x9E3779B97F4A7C15u) * 0xBF58476D1CE4E5B9u;
  const Pair& manner = kManners[mixed >> 58];
  const Pair& animal = kAnimals[mixed >> 52 & 63];
  if (language == Language::zh) return std::string(manner.zh) + animal.zh;
  return std::string(manner.en) + " " + animal.en;
}

VisitorId visitor_from(std::uint64_t random) {
  const std::uint64_t id = random & ((std::uint64_t{1} << 53) - 1);
  return VisitorId{id != 0 ? id : 1};
}

}  // namespace mw::trust
