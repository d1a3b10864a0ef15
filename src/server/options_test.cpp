#include "server/options.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "server/links.h"

namespace mw::server {
namespace {

const Option& option(std::string_view name) {
  for (const auto& one : options())
    if (one.name == name) return one;
  MW_ASSERT(false);
}

TEST(Options, TableIsWhole) {
  std::set<std::string_view> names;
  for (const auto& one : options()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_FALSE(one.help.empty());
    HostOptions out;
    EXPECT_TRUE(set_option(out, one, one.example, "example").ok()) << one.name;
    EXPECT_NE(configuration_markdown().find("`" + std::string(one.name) + "`"), std::string::npos);
  }
}

TEST(Options, FileThenEnvironment) {
  HostOptions out;
  ASSERT_TRUE(apply_file(out,
                         "port = 9000\nlisten = \"0.0.0.0\"\nembed_origins = [\"https://a.example\"]\nqr = false\n",
                         "host.toml")
                  .ok());
  const std::map<std::string, const char*> environment{{"MANYWORLDS_PORT", "9001"},
                                                       {"MANYWORLDS_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8"}};
  ASSERT_TRUE(apply_environment(out, [&](const char* name) {
                return environment.contains(name) ? environment.at(name) : nullptr;
              }).ok());
  EXPECT_EQ(out.port, 9001);
  EXPECT_EQ(out.listen, "0.0.0.0");
  EXPECT_EQ(out.trusted_proxies, (std::vector<std::string>{"127.0.0.1", "10.0.0.0/8"}));
  EXPECT_FALSE(out.qr);
}

TEST(Options, SaysWhichValueIsWrong) {
  HostOptions out;
  EXPECT_EQ(apply_file(out, "prt = 9000", "host.toml").error().field, "host.toml: prt");
  EXPECT_EQ(apply_file(out, "port = \"x\"", "host.toml").error().field, "host.toml: port");
  EXPECT_EQ(apply_file(out, "port = 70000", "host.toml").error().field, "host.toml: port");
  EXPECT_EQ(set_option(out, option("port"), "80x", "--port").error().field, "--port");
  EXPECT_EQ(set_option(out, option("log_level"), "loud", "--log-level").error().field, "--log-level");
  EXPECT_EQ(set_option(out, option("qr"), "perhaps", "--qr").error().field, "--qr");
  HostOptions half;
  half.tls_certificate = "a.pem";
  EXPECT_EQ(check_options(half).error().field, "tls_key");
}

TEST(Links, LeadToWhereTheHostIsReached) {
  HostOptions options;
  EXPECT_EQ(link_to(options, 8080), "http://127.0.0.1:8080/");
  EXPECT_TRUE(network_links(options, 8080).empty());
  options.listen = "::";
  options.tls_certificate = "a.pem";
  EXPECT_EQ(link_to(options, 8443), "https://[::1]:8443/");
  EXPECT_EQ(link_to(options, 8443, "192.0.2.1"), "https://192.0.2.1:8443/");
  options.listen = "192.0.2.7";
  EXPECT_EQ(network_links(options, 8443), std::vector<std::string>{"https://192.0.2.7:8443/"});
  options.public_url = "https://worlds.example.org";
  EXPECT_EQ(link_to(options, 8443), "https://worlds.example.org/");
  EXPECT_TRUE(network_links(options, 8443).empty());
}

}  // namespace
}  // namespace mw::server
