// The configuration of a host: one table of options, from which come the file's keys, the environment's variables, the
// command line's flags, their help, the checks, and docs/configuration.md.
// Precedence: flag, then environment (MANYWORLDS_PORT), then file (host.toml: port), then default.
// Thread: the starting thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

namespace mw::server {

struct HostOptions {
  std::string name = "Manyworlds";
  std::string data = "data";
  std::string listen = "127.0.0.1";
  std::int64_t port = 8080;
  std::string public_url;
  std::int64_t edge_threads = 1;
  std::vector<std::string> cores;
  std::int64_t viewer_bandwidth = limits::kViewerBandwidth;
  std::string tls_certificate, tls_key;
  std::vector<std::string> trusted_proxies, allowed_origins, embed_origins;
  std::vector<std::string> witness_for, witnesses;
  std::int64_t witness_quorum = 0;
  std::string travel = "open";
  std::vector<std::string> travel_hosts, travel_introduces;
  std::int64_t travel_visitors_per_host = 0;
  std::string operated_by;
  bool fetch_loopback = false;
  std::string fetch_authorities;
  std::int64_t max_connections = static_cast<std::int64_t>(limits::kConnectionsPerHost);
  std::int64_t max_connections_per_address = static_cast<std::int64_t>(limits::kConnectionsPerAddress);
  bool avatar_uploads = true;
  std::int64_t avatar_mb = static_cast<std::int64_t>(limits::kAvatarBytes >> 20);
  std::int64_t avatars_per_visitor = 4;
  std::int64_t avatars_total_mb = 2'048;
  bool metrics_open = false;
  std::int64_t database_mb = static_cast<std::int64_t>(limits::kDatabaseBytesDefault >> 20);
  std::string log_level = "info", log_file;
  std::int64_t log_file_mb = static_cast<std::int64_t>(limits::kLogFileBytesDefault >> 20);
  std::int64_t log_files = 4;
  bool operator_link = true;
  bool qr = true;
  std::string ready_file;
};

struct Option {
  using Member = std::variant<std::string HostOptions::*, std::int64_t HostOptions::*, bool HostOptions::*,
                              std::vector<std::string> HostOptions::*>;
  std::string_view
      name;  // as in host.toml: "edge_threads"; the flag is --edge-threads, the variable MANYWORLDS_EDGE_THREADS
  Member member;
  std::string_view help;     // one sentence without a full stop
  std::string_view example;  // a value, for the documentation
  std::int64_t minimum = 0, maximum = 0;             // of numbers
  std::vector<std::string_view> choices = {};        // of strings; empty: any
};
std::span<const Option> options();
std::string flag_of(const Option& option);         // "--edge-threads"
std::string variable_of(const Option& option);     // "MANYWORLDS_EDGE_THREADS"
std::string default_text(const Option& option);    // as it would stand in host.toml

// One value by its text, as flags and variables give it; lists are separated by commas. Error `invalid` names `source`.
Status set_option(HostOptions& out, const Option& option, std::string_view text, std::string_view source);
// All of a host.toml. Error: the first thing wrong, with file and key.
Status apply_file(HostOptions& out, std::string_view toml, const std::string& file);
// All variables that are set; `get` is getenv, or a test's.
Status apply_environment(HostOptions& out, const std::function<const char*(const char*)>& get);
// What must hold between options: certificate with key, and so on.
Status check_options(const HostOptions& given);

std::string configuration_markdown();  // docs/configuration.md

}  // namespace mw::server
