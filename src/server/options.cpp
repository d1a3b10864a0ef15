#include "server/options.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/format.h"
#include "data/toml.h"
#include "server/witness_client.h"

namespace mw::server {
namespace {

using H = HostOptions;

std::vector<Option> visitor_options() {
  return {
      {"name", &H::name, "What the host is called, in its pages and answers", "The Example Host"},
      {"data", &H::data, "Folder of what the host keeps: edits, its key, visitors' places, made scenes",
       "/var/lib/manyworlds"},
      {"listen", &H::listen, "Address to listen on; 127.0.0.1 is this machine alone, 0.0.0.0 and :: are all networks",
       "0.0.0.0"},
      {"port", &H::port, "Port to listen on; 0 takes any free one", "8443", 0, 65535},
      {"public_url", &H::public_url, "The address that visitors use, when it is not the machine's own (behind a proxy)",
       "https://worlds.example.org"},
      {"edge_threads", &H::edge_threads, "Event loops for connections, each a thread", "4", 1, 64},
      {"cores", &H::cores, "Processor cores that the event loops are pinned to, in order", "2,3"},
      {"viewer_bandwidth", &H::viewer_bandwidth,
       "Bits a second that a viewer gets of the poses of others at most; detail follows from it", "2000000",
       limits::kViewerBandwidthMin, limits::kViewerBandwidthMax},
      {"tls_certificate", &H::tls_certificate, "PEM file with the certificate and its chain",
       "/etc/manyworlds/fullchain.pem"},
      {"tls_key", &H::tls_key, "PEM file with the certificate's key", "/etc/manyworlds/privkey.pem"},
      {"trusted_proxies", &H::trusted_proxies,
       "Addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed", "127.0.0.1,10.0.0.0/8"},
      {"allowed_origins", &H::allowed_origins, "Origins besides the host itself whose pages may connect; * is all",
       "https://example.org"},
      {"embed_origins", &H::embed_origins, "Origins whose pages may show a world in a frame (world-view); * is all",
       "https://blog.example.org"},
      {"max_connections", &H::max_connections, "Connections at the same time", "5000", 1,
       static_cast<std::int64_t>(limits::kConnectionsPerHost)},
      {"max_connections_per_address", &H::max_connections_per_address,
       "Of these, from one address; loopback and trusted proxies are exempt", "100", 1,
       static_cast<std::int64_t>(limits::kConnectionsPerHost)},
  };
}

// Figures that people bring.
std::vector<Option> avatar_options() {
  return {
      {"avatar_uploads", &H::avatar_uploads,
       "Let people bring a figure of their own, VRM or GLB; what is kept already stays", "false"},
      {"avatar_mb", &H::avatar_mb, "Size of one figure's file in MiB at most", "8", 1,
       static_cast<std::int64_t>(limits::kAvatarBytes >> 20)},
      {"avatars_per_visitor", &H::avatars_per_visitor, "Figures that one person keeps at most", "2", 1, 16},
      {"avatars_total_mb", &H::avatars_total_mb,
       "Bound in MiB of all figures that are kept, lower levels of detail included", "512", 1, 1 << 20},
  };
}

// Of other hosts.
std::vector<Option> peer_options() {
  return {
      {"witness_for", &H::witness_for,
       "Verifier keys of other hosts' logs (their /log/key) whose checkpoints this host cosigns when it is asked",
       "manyworlds/abc+1a2b3c4d+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"},
      {"witnesses", &H::witnesses,
       "Hosts that cosign this host's log, each by its key (its /witness/key), a space and its address; with them the "
       "log is "
       "read-only until enough of them have answered",
       "manyworlds/def+5e6f7a8b+BDokzL1mrdNvGB0gPjDSxQ7NDeYLZBFnVR7NUOu0ZVpI https://b.example.org"},
      {"witness_quorum", &H::witness_quorum, "How many of them make a checkpoint final; 0 is more than two thirds", "3",
       0, static_cast<std::int64_t>(limits::kWitnesses)},
      {"travel",
       &H::travel,
       "Whether people whose home is another host may come: everybody (open), those of travel_hosts (list), those "
       "and the homes that one of them vouches for (introduction), nobody (off)",
       "list",
       0,
       0,
       {"open", "list", "introduction", "off"}},
      {"travel_hosts", &H::travel_hosts,
       "Homes whose people may come, where travel is list or introduction; with introduction also the hosts that are "
       "believed when they vouch for others",
       "a.example,b.example:8443"},
      {"travel_introduces", &H::travel_introduces,
       "Hosts that this one vouches for: it knows who runs them, and hosts that trust it let their people in",
       "c.example,d.example:8443"},
      {"travel_visitors_per_host", &H::travel_visitors_per_host,
       "People of one other home inside at the same time; 0 is no bound", "200", 0,
       static_cast<std::int64_t>(limits::kConnectionsPerHost)},
      {"operated_by", &H::operated_by, "Who runs the host, shown at portals that lead here", "Example Society"},
      {"fetch_loopback", &H::fetch_loopback,
       "Reach other hosts also at this machine's own addresses, and there without TLS; for trying things out", "true"},
      {"fetch_authorities", &H::fetch_authorities,
       "PEM file of the certificates by which other hosts are believed; empty is the system's",
       "/etc/manyworlds/authorities.pem"},
  };
}

std::vector<Option> process_options() {
  return {
      {"metrics_open", &H::metrics_open, "Give /metrics to everybody; else to this machine and to operators", "true"},
      {"database_mb", &H::database_mb,
       "Bound of the database in MiB; when it is reached, edits are refused and the world goes on", "1024", 16,
       1 << 20},
      {"log_level",
       &H::log_level,
       "What is logged; debug has a line for each call",
       "debug",
       0,
       0,
       {"debug", "info", "warning", "error", "off"}},
      {"log_file", &H::log_file, "File for the log; empty is standard error", "/var/log/manyworlds/host.log"},
      {"log_file_mb", &H::log_file_mb, "Size in MiB at which the log file is rotated", "16", 1, 4096},
      {"log_files", &H::log_files, "Log files kept, the current one included", "8", 1, 100},
      {"operator_link", &H::operator_link, "Print a one-time link that makes its visitor an operator", "false"},
      {"qr", &H::qr, "Print the visitor's link as a QR code too", "false"},
      {"ready_file", &H::ready_file,
       "File that is written when the host listens: the port, and the visitor's link on a second line",
       "/run/manyworlds/ready"},
  };
}

std::vector<Option> make_options() {
  std::vector<Option> all;
  for (auto part : {visitor_options(), avatar_options(), peer_options(), process_options()})
    all.insert(all.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
  return all;
}

std::string replaced(std::string_view text, char from, char to) {
  std::string out(text);
  std::ranges::replace(out, from, to);
  return out;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    auto part = text.substr(0, comma);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return parts;
}

Status set_number(HostOptions& out, const Option& option, std::int64_t HostOptions::* member, std::int64_t value,
                  std::string_view source) {
  if (value < option.minimum || value > option.maximum)
    return invalid(std::string(source), format("must be from {} to {}, not {}", option.minimum, option.maximum, value));
  out.*member = value;
  return ok();
}

Status set_string(HostOptions& out, const Option& option, std::string HostOptions::* member, std::string_view value,
                  std::string_view source) {
  if (!option.choices.empty() && std::ranges::find(option.choices, value) == option.choices.end()) {
    std::string known;
    for (const auto choice : option.choices) known += (known.empty() ? "" : ", ") + std::string(choice);
    return invalid(std::string(source), format("must be one of {}, not '{}'", known, value));
  }
  if (value.find('\0') != std::string_view::npos) return invalid(std::string(source), "holds a null character");
  out.*member = value;
  return ok();
}

Status set_json(HostOptions& out, const Option& option, const Json& value, const std::string& source) {
  if (const auto* text = std::get_if<std::string HostOptions::*>(&option.member)) {
    if (!value.is_string()) return invalid(source, "must be text");
    return set_string(out, option, *text, value.get_ref<const std::string&>(), source);
  }
  if (const auto* number = std::get_if<std::int64_t HostOptions::*>(&option.member)) {
    if (!value.is_number_integer()) return invalid(source, "must be a whole number");
    return set_number(out, option, *number, value.get<std::int64_t>(), source);
  }
  if (const auto* flag = std::get_if<bool HostOptions::*>(&option.member)) {
    if (!value.is_boolean()) return invalid(source, "must be true or false");
    out.*(*flag) = value.get<bool>();
    return ok();
  }
  const auto list = std::get<std::vector<std::string> HostOptions::*>(option.member);
  if (!value.is_array()) return invalid(source, "must be a list of texts");
  std::vector<std::string> items;
  for (const auto& item : value) {
    if (!item.is_string()) return invalid(source, "must be a list of texts");
    items.push_back(item.get<std::string>());
  }
  out.*list = std::move(items);
  return ok();
}

}  // namespace

std::span<const Option> options() {
  static const std::vector<Option> table = make_options();
  return table;
}

std::string flag_of(const Option& option) { return "--" + replaced(option.name, '_', '-'); }

std::string variable_of(const Option& option) {
  std::string name = "MANYWORLDS_";
  for (const char c : option.name) name += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

std::string default_text(const Option& option) {
  const HostOptions defaults;
  if (const auto* text = std::get_if<std::string HostOptions::*>(&option.member))
    return "\"" + defaults.*(*text) + "\"";
  if (const auto* number = std::get_if<std::int64_t HostOptions::*>(&option.member))
    return std::to_string(defaults.*(*number));
  if (const auto* flag = std::get_if<bool HostOptions::*>(&option.member)) return defaults.*(*flag) ? "true" : "false";
  return "[]";
}

Status set_option(HostOptions& out, const Option& option, std::string_view text, std::string_view source) {
  if (const auto* member = std::get_if<std::string HostOptions::*>(&option.member))
    return set_string(out, option, *member, text, source);
  if (const auto* member = std::get_if<std::int64_t HostOptions::*>(&option.member)) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
      return invalid(std::string(source), format("must be a whole number, not '{}'", text));
    return set_number(out, option, *member, value, source);
  }
  if (const auto* member = std::get_if<bool HostOptions::*>(&option.member)) {
    if (text == "true" || text == "yes" || text == "on" || text == "1")
      out.*(*member) = true;
    else if (text == "false" || text == "no" || text == "off" || text == "0")
      out.*(*member) = false;
    else
      return invalid(std::string(source), format("must be true or false, not '{}'", text));
    return ok();
  }
  out.*std::get<std::vector<std::string> HostOptions::*>(option.member) = split(text);
  return ok();
}

Status apply_file(HostOptions& out, std::string_view toml, const std::string& file) {
  const auto parsed = data::parse_toml(toml);
  if (!parsed.ok()) return invalid(file, parsed.error().text());
  for (const auto& [key, value] : parsed->items()) {
    const auto option = std::ranges::find(options(), std::string_view(key), &Option::name);
    if (option == options().end()) return invalid(file + ": " + key, "is no option; docs/configuration.md lists them");
    MW_TRY(set_json(out, *option, value, file + ": " + key));
  }
  return ok();
}

Status apply_environment(HostOptions& out, const std::function<const char*(const char*)>& get) {
  for (const auto& option : options()) {
    const auto name = variable_of(option);
    if (const char* value = get(name.c_str())) MW_TRY(set_option(out, option, value, name));
  }
  return ok();
}

Status check_options(const HostOptions& given) {
  if (given.tls_certificate.empty() != given.tls_key.empty())
    return invalid(given.tls_key.empty() ? "tls_key" : "tls_certificate",
                   "certificate and key belong together: give both or neither");
  if (given.data.empty()) return invalid("data", "needs a folder");
  if (given.name.empty() || given.name.size() > limits::kNameBytes)
    return invalid("name", format("must have 1 to {} bytes", limits::kNameBytes));
  for (const auto& witness : given.witnesses)
    if (const auto parsed = parse_witness(witness); !parsed.ok()) return parsed.error();
  if (given.witness_quorum > static_cast<std::int64_t>(given.witnesses.size()))
    return invalid("witness_quorum", format("is over the number of witnesses, {}", given.witnesses.size()));
  if (!given.public_url.empty() && !given.public_url.starts_with("https://") &&
      !given.public_url.starts_with("http://"))
    return invalid("public_url", "must start with https:// or http://");
  for (const auto& core : given.cores)
    if (core.empty() || core.size() > 4 || !std::ranges::all_of(core, [](char c) { return c >= '0' && c <= '9'; }))
      return invalid("cores", format("'{}' is not the number of a core", core));
  return ok();
}

std::string configuration_markdown() {
  std::string out =
      "# Configuration\n\n"
      "<!-- Generated by `manyworlds reference`; change src/server/options.cpp instead. -->\n\n"
      "Every option can stand in the file `host.toml`, in the environment, or on the command line of `manyworlds "
      "serve`. The\n"
      "command line wins over the environment, the environment over the file, the file over the default. The file is "
      "the one\n"
      "given with `--config`, else `host.toml` in the folder of worlds, if there is one. Lists are written `[\"a\", "
      "\"b\"]` in the\n"
      "file and `a,b` elsewhere. An unknown key, or a value that does not fit, stops the start with a message that "
      "names it.\n\n"
      "| Option in `host.toml` | Flag | Environment | Default | Meaning |\n|---|---|---|---|---|\n";
  for (const auto& option : options()) {
    std::string help(option.help);
    if (option.maximum > option.minimum) help += format(" ({} to {})", option.minimum, option.maximum);
    if (!option.choices.empty()) {
      help += ": ";
      for (std::size_t i = 0; i < option.choices.size(); ++i)
        help += format("{}`{}`", i == 0 ? "" : ", ", option.choices[i]);
    }
    out += format("| `{}` | `{}` | `{}` | `{}` | {}. Example: `{}` |\n", option.name, flag_of(option),
                  variable_of(option), default_text(option), help, option.example);
  }
  out +=
      "\n## Example\n\n"
      "```toml\n# host.toml\nname = \"The Example Host\"\nlisten = \"0.0.0.0\"\nport = 443\n"
      "tls_certificate = \"/etc/manyworlds/fullchain.pem\"\ntls_key = \"/etc/manyworlds/privkey.pem\"\n"
      "embed_origins = [\"https://blog.example.org\"]\n```\n";
  return out;
}

}  // namespace mw::server
