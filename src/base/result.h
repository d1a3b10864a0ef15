// Result<T>: a value, or an Error that says what was wrong. Expected failures (anything that outside input, the disk or the
// network can cause) travel as values; assertions (assert.h) are for our own mistakes only.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace mw {

// What went wrong, in the terms a caller can act on. Each kind maps to one JSON-RPC error code and one HTTP status
// (calls/errors.h); the numbers are not part of any protocol.
enum class ErrorKind {
  invalid,  // the input breaks a stated rule; `field` names which part
  not_found,  // what was named does not exist
  forbidden,  // the caller lacks the capability
  conflict,  // valid by itself, but not in the present state
  full,  // a bounded thing has no place left
  too_large,  // over a stated limit
  rate_limited,  // over the quota; later it will do
  unavailable,  // not now: draining, read-only, disk full
  version,  // older or newer than what is spoken here
  damaged,  // stored bytes do not check
  internal,  // our own fault
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string field;  // a path such as "spawn.position[1]" or "/params/name"; empty where no part is to blame
  std::string message;  // one English sentence without a full stop: what was expected, what was found

  // "field: message", or the message alone.
  std::string text() const { return field.empty() ? message : field + ": " + message; }
};

// Holds a T or an Error. `[[nodiscard]]`, so that no failure is dropped by accident. Not thread-safe, like any value.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  bool ok() const { return state_.index() == 0; }

  T& value() & {
    MW_ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    MW_ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    MW_ASSERT(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    MW_ASSERT(!ok());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    MW_ASSERT(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

struct Unit {};
using Status = Result<Unit>;
inline Status ok() { return Unit{}; }

inline Error invalid(std::string field, std::string message) {
  return Error{ErrorKind::invalid, std::move(field), std::move(message)};
}
inline Error failure(ErrorKind kind, std::string message) { return Error{kind, {}, std::move(message)}; }

}  // namespace mw

// Returns the error of a Result from the enclosing function.
#define MW_TRY(expression)                                            \
  do {                                                                \
    auto&& mw_try_result = (expression);                              \
    if (!mw_try_result.ok()) return std::move(mw_try_result).error(); \
  } while (false)
