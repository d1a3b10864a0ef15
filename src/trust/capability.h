// Who may do what. A role belongs to a session (or to the bearer token of an HTTP call); a capability is what a call needs;
// a world's permissions say who edits there.
// Thread: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mw::trust {

enum class Role : std::uint8_t {
  none,  // no session yet, or an HTTP caller without a token
  guest,  // came by a link
  host_operator,  // claimed an operator link; "operator" in the protocol
};

// What a call needs.
enum class Capability : std::uint8_t {
  none,  // before session.open: session.open itself, rpc.discover, host.describe, operator.claim
  visit,  // enter worlds, speak, subscribe
  edit,  // change the scene of the world one stands in
  operate,  // host.status, visitor.remove, and whatever an operator does
};

// [permissions] edit = "..." of world.toml.
enum class EditPolicy : std::uint8_t { nobody, operators, everyone };

// `edit` is the policy of the world the caller stands in, or nullopt when it stands in none: then nobody edits.
bool may(Role role, Capability capability, std::optional<EditPolicy> edit = std::nullopt);

std::string_view name_of(Role role);  // "none", "guest", "operator"
std::string_view name_of(Capability capability);  // "none", "visit", "edit", "operate"
std::optional<EditPolicy> edit_policy(std::string_view name);
std::string_view name_of(EditPolicy policy);

}  // namespace mw::trust
