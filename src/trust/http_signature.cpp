#include "trust/http_signature.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/format.h"
#include "base/limits.h"

namespace mw::trust {
namespace {

constexpr std::string_view kLabel = "sig", kAlgorithm = "ed25519";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// All values of a field, in order, joined (section 2.1); nothing where the message has none.
std::optional<std::string> field_value(const HttpMessage& message, std::string_view name) {
  std::optional<std::string> joined;
  for (const auto& [given, value] : message.fields) {
    if (lower(given) != name) continue;
    joined = joined ? *joined + ", " + std::string(trimmed(value)) : std::string(trimmed(value));
  }
  return joined;
}

// application/x-www-form-urlencoded text to bytes, and back with percent signs (section 2.2.8).
std::string form_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr == text.data() + i + 3) {
      out.push_back(static_cast<char>(static_cast<unsigned char>(byte)));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

std::string percent_encoded(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '*';
    out += plain ? std::string(1, c) : format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return out;
}

Result<std::string> query_parameter(const HttpMessage& message, const FieldItem& component) {
  const BareItem* name = find_parameter(component.parameters, "name");
  const auto* wanted = name == nullptr ? nullptr : std::get_if<std::string>(name);
  if (wanted == nullptr || component.parameters.size() != 1)
    return invalid("@query-param", "expected the parameter name, and no other");
  std::optional<std::string> found;
  std::string_view rest = message.query;
  if (rest.starts_with('?')) rest.remove_prefix(1);
  while (!rest.empty()) {
    const auto end = rest.find('&');
    const auto pair = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    const auto equals = pair.find('=');
    if (percent_encoded(form_decoded(pair.substr(0, equals))) != *wanted) continue;
    if (found) return invalid("@query-param", format("expected {} once in the query", *wanted));
    found = equals == pair.npos ? "" : percent_encoded(form_decoded(pair.substr(equals + 1)));
  }
  if (!found) return invalid("@query-param", format("the query has no {}", *wanted));
  return *found;
}

Result<std::string> derived(const HttpMessage& message, const std::string& name, const FieldItem& component) {
  if (name == "@query-param" && message.status == 0) return query_parameter(message, component);
  if (!component.parameters.empty()) return invalid(name, "expected a component without parameters");
  if (name == "@status") {
    if (message.status == 0) return invalid(name, "a request has no status");
    return format("{}", message.status);
  }
  if (message.status != 0) return invalid(name, "expected a component of a response");
  const std::string path = message.path.empty() ? "/" : message.path;
  if (name == "@method") return message.method;
  if (name == "@authority") return message.authority;
  if (name == "@scheme") return message.scheme;
  if (name == "@path") return path;
  if (name == "@query") return message.query.empty() ? "?" : message.query;
  if (name == "@request-target") return path + message.query;
  if (name == "@target-uri") return message.scheme + "://" + message.authority + path + message.query;
  return invalid(name, "not a component that is understood");
}

Result<std::string> component_value(const HttpMessage& message, const std::string& name, const FieldItem& component) {
  if (name.starts_with('@')) return derived(message, name, component);
  if (name != lower(name) || name.empty()) return invalid(name, "expected the name of a field in lower case");
  if (!component.parameters.empty()) return invalid(name, "expected a component without parameters");
  auto value = field_value(message, name);
  if (!value) return invalid(name, "the message has no such field");
  return *std::move(value);
}

InnerList input_of(const SignatureParameters& parameters) {
  InnerList input;
  input.items = parameters.components;
  const auto add = [&input](const char* name, BareItem value) {
    input.parameters.emplace_back(name, std::move(value));
  };
  if (parameters.created_s) add("created", *parameters.created_s);
  if (parameters.expires_s) add("expires", *parameters.expires_s);
  if (!parameters.keyid.empty()) add("keyid", parameters.keyid);
  add("alg", std::string(kAlgorithm));
  if (!parameters.nonce.empty()) add("nonce", parameters.nonce);
  if (!parameters.tag.empty()) add("tag", parameters.tag);
  return input;
}

// The parameters that we know, of the right kinds; others are covered by the signature and say nothing to us.
Result<SignatureParameters> read_input(const InnerList& input) {
  SignatureParameters result;
  result.components = input.items;
  for (const auto& [name, value] : input.parameters) {
    const auto* integer = std::get_if<std::int64_t>(&value);
    const auto* text = std::get_if<std::string>(&value);
    if (name == "created" || name == "expires") {
      if (integer == nullptr || *integer < 0) return invalid(name, "expected a time in seconds");
      (name == "created" ? result.created_s : result.expires_s) = *integer;
    } else if (name == "alg") {
      if (text == nullptr || *text != kAlgorithm) return invalid("alg", "expected ed25519");
    } else if (name == "keyid" || name == "nonce" || name == "tag") {
      if (text == nullptr || text->size() > limits::kDidBytes)
        return invalid(name, format("expected a string of at most {} bytes", limits::kDidBytes));
      (name == "keyid" ? result.keyid : name == "nonce" ? result.nonce : result.tag) = *text;
    }
  }
  return result;
}

Status check_times(const SignatureParameters& parameters, std::int64_t now_s) {
  constexpr std::int64_t kSkew = limits::kClockSkewMs / 1'000, kAge = limits::kSignatureMs / 1'000;
  if (!parameters.created_s) return invalid("created", "expected the time of the signature");
  if (*parameters.created_s > now_s + kSkew) return invalid("created", "expected a time that has come");
  if (*parameters.created_s < now_s - kAge - kSkew)
    return invalid("created", format("expected a signature of at most {} s ago", kAge));
  if (parameters.expires_s && *parameters.expires_s < now_s - kSkew)
    return invalid("expires", "the signature has expired");
  return ok();
}

Status check_policy(const SignatureParameters& parameters, const SignaturePolicy& policy) {
  MW_TRY(check_times(parameters, policy.now_s));
  if (parameters.keyid.empty()) return invalid("keyid", "expected the name of the key");
  if (parameters.nonce.empty()) return invalid("nonce", "expected a nonce");
  for (const auto& wanted : policy.components) {
    const bool covered =
        std::any_of(parameters.components.begin(), parameters.components.end(),
                    [&wanted](const FieldItem& c) { return c.parameters.empty() && c.value == BareItem(wanted); });
    if (!covered) return invalid("signature-input", format("expected the signature to cover {}", wanted));
  }
  return ok();
}

Result<Dictionary> dictionary_field(const HttpMessage& message, std::string_view name) {
  const auto text = field_value(message, name);
  if (!text) return invalid(std::string(name), "the message has no such field");
  auto dictionary = parse_dictionary(*text);
  if (!dictionary.ok()) return Error{dictionary.error().kind, std::string(name), dictionary.error().message};
  if (dictionary->size() > limits::kSignaturesPerMessage)
    return Error{ErrorKind::too_large, std::string(name),
                 format("expected at most {} signatures", limits::kSignaturesPerMessage)};
  return dictionary;
}

// A signature of the message: what it says it covers.
struct Candidate {
  std::string label;
  InnerList input;
  SignatureParameters parameters;
};

// The one with the tag.
Result<Candidate> choose(const Dictionary& inputs, std::string_view tag) {
  std::optional<Candidate> chosen;
  for (const auto& [label, member] : inputs) {
    const auto* input = std::get_if<InnerList>(&member);
    if (input == nullptr) return invalid("signature-input", format("expected a list of components for {}", label));
    auto parameters = read_input(*input);
    const BareItem* given = find_parameter(input->parameters, "tag");
    if (!tag.empty() && (given == nullptr || *given != BareItem(std::string(tag)))) continue;
    if (!parameters.ok()) return std::move(parameters).error();
    if (chosen) return invalid("signature-input", "expected one signature, found several that would do");
    chosen = Candidate{label, *input, *std::move(parameters)};
  }
  if (!chosen) return invalid("signature-input", format("no signature has the tag \"{}\"", tag));
  return *std::move(chosen);
}

}  // namespace

std::vector<FieldItem> components(std::initializer_list<std::string_view> names) {
  std::vector<FieldItem> items;
  items.reserve(names.size());
  for (const auto name : names) items.push_back({std::string(name), {}});
  return items;
}

Result<std::string> signature_base(const HttpMessage& message, const InnerList& input) {
  std::string base;
  for (std::size_t i = 0; i < input.items.size(); ++i) {
    const FieldItem& component = input.items[i];
    const auto* name = std::get_if<std::string>(&component.value);
    if (name == nullptr) return invalid("signature-input", "expected components to be strings");
    if (std::find(input.items.begin(), input.items.begin() + static_cast<std::ptrdiff_t>(i), component) !=
        input.items.begin() + static_cast<std::ptrdiff_t>(i))
      return invalid(*name, "expected each component once");
    const auto value = component_value(message, *name, component);
    if (!value.ok()) return value.error();
    // A line break would let a value pretend to be further components (section 7.5.2).
    if (std::any_of(value->begin(), value->end(), [](char c) { return c == '\n' || c == '\r' || c == '\0'; }))
      return invalid(*name, "expected a value without line breaks");
    base += to_text(component) + ": " + *value + "\n";
  }
  return base + "\"@signature-params\": " + to_text(input);
}

Status sign_message(HttpMessage& message, const SignatureParameters& parameters, const Sign& sign) {
  const InnerList input = input_of(parameters);
  const auto base = signature_base(message, input);
  if (!base.ok()) return base.error();
  const auto signature = sign(as_bytes(*base));
  message.fields.emplace_back("Signature-Input", to_text(Dictionary{{std::string(kLabel), input}}));
  message.fields.emplace_back(
      "Signature",
      to_text(Dictionary{{std::string(kLabel), FieldItem{Bytes(signature.begin(), signature.end()), {}}}}));
  return ok();
}

Result<SignatureParameters> verify_message(const HttpMessage& message, const SignaturePolicy& policy,
                                           const KeyLookup& lookup) {
  const auto inputs = dictionary_field(message, "signature-input");
  if (!inputs.ok()) return inputs.error();
  const auto signatures = dictionary_field(message, "signature");
  if (!signatures.ok()) return signatures.error();
  auto candidate = choose(*inputs, policy.tag);
  if (!candidate.ok()) return std::move(candidate).error();
  MW_TRY(check_policy(candidate->parameters, policy));
  const auto found = std::find_if(signatures->begin(), signatures->end(),
                                  [&](const auto& entry) { return entry.first == candidate->label; });
  const auto* item = found == signatures->end() ? nullptr : std::get_if<FieldItem>(&found->second);
  const auto* signature = item == nullptr ? nullptr : std::get_if<Bytes>(&item->value);
  if (signature == nullptr) return invalid("signature", format("expected bytes for {}", candidate->label));
  const auto base = signature_base(message, candidate->input);
  if (!base.ok()) return base.error();
  const auto key = lookup(candidate->parameters.keyid, Purpose::authentication);
  if (!key.ok()) return key.error();
  if (!crypto::verify(*key, as_bytes(*base), *signature))
    return Error{ErrorKind::forbidden, "signature",
                 format("the signature is not by {} over this message", candidate->parameters.keyid)};
  return std::move(candidate->parameters);
}

std::vector<std::string> request_components(bool has_body) {
  std::vector<std::string> names = {"@method", "@authority", "@path", "@query"};
  if (has_body) names.emplace_back("content-digest");
  return names;
}

std::string content_digest(ByteView body) { return "sha-256=:" + crypto::base64(crypto::sha256(body)) + ":"; }

Status check_content_digest(std::string_view value, ByteView body) {
  const auto digests = parse_dictionary(value);
  if (!digests.ok()) return Error{digests.error().kind, "content-digest", digests.error().message};
  bool known = false;
  for (const auto& [algorithm, member] : *digests) {
    Bytes expected;
    if (algorithm == "sha-256") {
      const auto digest = crypto::sha256(body);
      expected.assign(digest.begin(), digest.end());
    } else if (algorithm == "sha-512") {
      const auto digest = crypto::sha512(body);
      expected.assign(digest.begin(), digest.end());
    } else {
      continue;
    }
    const auto* item = std::get_if<FieldItem>(&member);
    const auto* bytes = item == nullptr ? nullptr : std::get_if<Bytes>(&item->value);
    if (bytes == nullptr) return invalid("content-digest", format("expected bytes for {}", algorithm));
    if (*bytes != expected)
      return Error{ErrorKind::forbidden, "content-digest", "the body is not the one that was signed"};
    known = true;
  }
  if (!known) return invalid("content-digest", "expected sha-256 or sha-512");
  return ok();
}

}  // namespace mw::trust
