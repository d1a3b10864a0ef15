#include "bench/host.h"

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/format.h"
#include "bench/floor.h"
#include "data/json.h"

namespace mw::bench {
namespace {

namespace fs = std::filesystem;

std::string base64(ByteView bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (i + k < bytes.size() ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) text += i + k <= bytes.size() ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

// One square of floor, as the smallest glTF that says so.
std::string floor_gltf(float side) {
  const float h = side / 2;
  const float corners[12] = {-h, 0, -h, -h, 0, h, h, 0, h, h, 0, -h};
  const std::uint16_t indices[6] = {0, 1, 2, 0, 2, 3};
  Byte bytes[sizeof corners + sizeof indices];
  std::memcpy(bytes, corners, sizeof corners);
  std::memcpy(bytes + sizeof corners, indices, sizeof indices);
  const Json gltf = {
      {"asset", {{"version", "2.0"}}},
      {"scene", 0},
      {"scenes", {{{"nodes", {0}}}}},
      {"nodes", {{{"mesh", 0}, {"name", "floor"}}}},
      {"meshes", {{{"primitives", {{{"attributes", {{"POSITION", 0}}}, {"indices", 1}}}}}}},
      {"buffers",
       {{{"byteLength", sizeof bytes},
         {"uri", "data:application/octet-stream;base64," + base64({bytes, sizeof bytes})}}}},
      {"bufferViews",
       {{{"buffer", 0}, {"byteOffset", 0}, {"byteLength", sizeof corners}, {"target", 34962}},
        {{"buffer", 0}, {"byteOffset", sizeof corners}, {"byteLength", sizeof indices}, {"target", 34963}}}},
      {"accessors",
       {{{"bufferView", 0},
         {"componentType", 5126},
         {"count", 4},
         {"type", "VEC3"},
         {"min", {-h, 0, -h}},
         {"max", {h, 0, h}}},
        {{"bufferView", 1}, {"componentType", 5123}, {"count", 6}, {"type", "SCALAR"}}}},
  };
  return gltf.dump(1);
}

std::string world_toml(const HostOptions& options) {
  const std::string head = format(
      "name = \"flat\"\ncapacity = {}\nwalkers = {}\naccent = \"#2A9D8F\"\n[title]\nen = \"Flat\"\nzh = \"平地\"\n"
      "[description]\nen = \"A place to measure\"\nzh = \"测量用的地方\"\n[scene]\n",
      options.capacity, options.walkers);
  if (options.stadium) return head + "kit = \"stadium\"\nseed = 11\n";
  return head +
         format("file = \"floor.gltf\"\n[spawn]\nposition = [0, 0, 0]\nyaw = 0\nradius = {}\n", options.spawn_radius_m);
}

Result<int> read_port(const std::string& file, const Process& process) {
  for (int i = 0; i < 300; ++i) {
    std::ifstream in(file);
    int port = 0;
    if (in >> port) return port;
    if (!process.running()) return failure(ErrorKind::unavailable, "the server stopped before it was ready");
    usleep(50'000);
  }
  return failure(ErrorKind::unavailable, "the server was not ready after 15 s");
}

}  // namespace

Result<Host> Host::start(const HostOptions& options) {
  std::string pattern = (fs::temp_directory_path() / "manyworlds-bench-XXXXXX").string();
  if (!mkdtemp(pattern.data())) return failure(ErrorKind::unavailable, "cannot make a temporary folder");
  Host host;
  host.folder_ = pattern;
  const fs::path world = fs::path(pattern) / "worlds" / kWorld;
  fs::create_directories(world);
  std::ofstream(world / "floor.gltf") << floor_gltf(options.side_m);
  std::ofstream(world / "world.toml") << world_toml(options);

  const std::string ready = pattern + "/ready";
  std::vector<std::string> command = {options.server.empty() ? directory_of_program() + "/manyworlds" : options.server,
                                      "serve",
                                      pattern + "/worlds",
                                      "--data",
                                      pattern + "/data",
                                      "--port",
                                      "0",
                                      "--edge-threads",
                                      "1",
                                      "--ready-file",
                                      ready};
  command.insert(command.end(), options.arguments.begin(), options.arguments.end());
  if (options.tls) {
    MW_TRY(make_certificate(host.certificate(), host.key()));
    command.insert(command.end(), {"--tls-certificate", host.certificate(), "--tls-key", host.key()});
  }
  auto process = Process::start(command, options.core, pattern + "/server.log");
  if (!process.ok()) return std::move(process).error();
  host.process_.emplace(std::move(*process));
  const auto port = read_port(ready, *host.process_);
  if (!port.ok()) {
    std::ifstream log(pattern + "/server.log");
    std::string text((std::istreambuf_iterator<char>(log)), {});
    return failure(ErrorKind::unavailable, port.error().message + "; it said: " + text.substr(0, 2000));
  }
  host.address_ = Address{"127.0.0.1", *port, options.tls};
  return host;
}

Host::~Host() {
  process_.reset();
  if (!folder_.empty()) {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
}

}  // namespace mw::bench
