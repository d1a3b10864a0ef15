#include "calls/errors.h"

namespace mw::calls {

int code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid: return kInvalidParams;
    case ErrorKind::not_found: return kNotFound;
    case ErrorKind::forbidden: return kForbidden;
    case ErrorKind::conflict: return kConflict;
    case ErrorKind::full: return kFull;
    case ErrorKind::too_large: return kTooLarge;
    case ErrorKind::rate_limited: return kRateLimited;
    case ErrorKind::unavailable: return kUnavailable;
    case ErrorKind::version: return kVersion;
    case ErrorKind::damaged:
    case ErrorKind::internal: return kInternalError;
  }
  return kInternalError;
}

int http_status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid: return 400;
    case ErrorKind::not_found: return 404;
    case ErrorKind::forbidden: return 403;
    case ErrorKind::conflict: return 409;
    case ErrorKind::too_large: return 413;
    case ErrorKind::version: return 426;
    case ErrorKind::rate_limited: return 429;
    case ErrorKind::full:
    case ErrorKind::unavailable: return 503;
    case ErrorKind::damaged:
    case ErrorKind::internal: return 500;
  }
  return 500;
}

Json error_object(const Error& error) {
  Json object = {{"code", code_of(error.kind)}, {"message", error.text()}};
  if (!error.field.empty()) object["data"] = {{"field", error.field}, {"message", error.message}};
  return object;
}

}  // namespace mw::calls
