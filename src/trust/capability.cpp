#include "trust/capability.h"

namespace mw::trust {

bool may(Role role, Capability capability, std::optional<EditPolicy> edit) {
  switch (capability) {
    case Capability::none: return true;
    case Capability::visit: return role != Role::none;
    case Capability::operate: return role == Role::host_operator;
    case Capability::edit:
      if (!edit || role == Role::none || *edit == EditPolicy::nobody) return false;
      return *edit == EditPolicy::everyone || role == Role::host_operator;
  }
  return false;
}

std::string_view name_of(Role role) {
  switch (role) {
    case Role::none: return "none";
    case Role::guest: return "guest";
    case Role::host_operator: return "operator";
  }
  return "none";
}

std::string_view name_of(Capability capability) {
  switch (capability) {
    case Capability::none: return "none";
    case Capability::visit: return "visit";
    case Capability::edit: return "edit";
    case Capability::operate: return "operate";
  }
  return "none";
}

std::optional<EditPolicy> edit_policy(std::string_view name) {
  for (const auto policy : {EditPolicy::nobody, EditPolicy::operators, EditPolicy::everyone})
    if (name_of(policy) == name) return policy;
  return std::nullopt;
}

std::string_view name_of(EditPolicy policy) {
  switch (policy) {
    case EditPolicy::nobody: return "nobody";
    case EditPolicy::operators: return "operators";
    case EditPolicy::everyone: return "everyone";
  }
  return "nobody";
}

}  // namespace mw::trust
