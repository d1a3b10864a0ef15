// Where everybody really was: the last three seconds of the trace, by the clock of this machine. Seconds, metres.
// Thread: one.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace mw::bench {

struct Place {
  float x = 0, z = 0;
  float vx = 0, vz = 0;  // m/s, of the step that holds the moment
  float yaw = 0;
};

class Truth {
 public:
  struct Person {
    std::uint32_t entity = 0;
    std::uint64_t count = 0;  // samples ever taken
    std::vector<float> x, z, yaw;  // rings of kKept
    std::vector<double> time;
  };

  // Samples come in order of time.
  void add(std::uint32_t entity, double time, float x, float z, float yaw);
  void remove(std::uint32_t entity);
  // False when the trace does not reach there: before the oldest sample kept, or after the newest.
  bool at(const Person& person, double time, Place& out) const;
  bool at(std::uint32_t entity, double time, Place& out) const;
  const std::vector<Person>& people() const { return people_; }

 private:
  static constexpr std::size_t kKept = 64;  // 3.2 s at 20 a second
  std::vector<Person> people_;
  std::unordered_map<std::uint32_t, std::size_t> index_;
};

}  // namespace mw::bench
