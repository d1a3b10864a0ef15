// From an Error to what goes over the wire: the JSON-RPC code, the HTTP status, and the error object.
// Source: JSON-RPC 2.0, section 5.1; our own codes are listed in schema/calls.md.
// Thread: pure functions.
#pragma once

#include "base/result.h"
#include "data/json.h"

namespace mw::calls {

inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;
inline constexpr int kVersion = -32000;
inline constexpr int kForbidden = -32001;
inline constexpr int kNotFound = -32002;
inline constexpr int kConflict = -32003;
inline constexpr int kFull = -32004;
inline constexpr int kTooLarge = -32005;
inline constexpr int kRateLimited = -32006;
inline constexpr int kUnavailable = -32007;

int code_of(ErrorKind kind);         // invalid -> kInvalidParams; damaged and internal -> kInternalError
int http_status_of(
    ErrorKind kind);  // of endpoints that answer one thing (not /rpc, which answers 200 with an error inside)
// {"code":..,"message":..,"data":{"field":..,"message":..}}; `data` is left out where no field is to blame.
Json error_object(const Error& error);

}  // namespace mw::calls
