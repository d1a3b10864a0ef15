// The benchmark's own parts, tiny, so that they do not rot: the load clients against the floor, over TCP and TLS.
#include "bench/floor.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "bench/process.h"
#include "bench/swarm.h"

namespace mw::bench {
namespace {

class Floors : public testing::TestWithParam<bool> {};

TEST_P(Floors, CarriesFramesAndClaims) {
  const auto folder = std::filesystem::temp_directory_path() / ("manyworlds-floor-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  FloorOptions options{.hz = 20, .slots = {{3000, 0, 70'000}, {100}}, .certificate = {}, .key = {}};
  if (GetParam()) {
    options.certificate = folder / "certificate.pem";
    options.key = folder / "key.pem";
    ASSERT_TRUE(make_certificate(options.certificate, options.key).ok());
  }
  int port = 0;
  const auto listener = listen_on_loopback(port);
  ASSERT_TRUE(listener.ok());
  const auto floor = Process::fork_into([&] { serve_floor(*listener, options); }, -1);
  ::close(*listener);
  ASSERT_TRUE(floor.ok());

  SwarmOptions swarm_options;
  swarm_options.address = {"127.0.0.1", port, GetParam()};
  swarm_options.clients = 8;
  swarm_options.sampled = 0;
  swarm_options.raw = true;
  Swarm swarm(swarm_options);
  const Status joined = swarm.join(1000, 10);
  ASSERT_TRUE(joined.ok()) << joined.error().text();
  const SwarmStats stats = swarm.walk(2, true);
  EXPECT_EQ(swarm.lost(), 0u);
  // Half of what is due: the machine may be busy. Every second client has a message in each slot, the others in two of three.
  EXPECT_GE(stats.messages, (4u * 20u + 4u * 13u));
  EXPECT_GE(stats.claims, 8u * 20u);
  std::uint64_t bytes = 0, large = 0;
  for (const auto& slots : stats.slots)
    for (const std::uint32_t size : slots) {
      bytes += size;
      large += size >= 70'000 ? 1 : 0;
    }
  EXPECT_EQ(bytes, stats.bytes);
  EXPECT_GE(large, 4u * 6u);
  std::filesystem::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(TcpAndTls, Floors, testing::Bool());

TEST(Address, IsReadFromLinks) {
  const auto full = parse_address("https://example.org:8443/w/plaza");
  ASSERT_TRUE(full.ok());
  EXPECT_EQ(full->host, "example.org");
  EXPECT_EQ(full->port, 8443);
  EXPECT_TRUE(full->tls);
  EXPECT_EQ(parse_address("127.0.0.1:80")->port, 80);
  EXPECT_EQ(parse_address("http://host")->port, 80);
  EXPECT_FALSE(parse_address("http://host:99999").ok());
  EXPECT_FALSE(parse_address("http://host:8o").ok());
}

}  // namespace
}  // namespace mw::bench
