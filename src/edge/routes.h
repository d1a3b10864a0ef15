// Requests that an edge answers by itself: pages, files, models, /healthz, /metrics. Sans I/O. Paths: schema/http.md.
// Thread: any loop.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "edge/policy.h"
#include "edge/request.h"
#include "edge/shared.h"

namespace mw::edge {

// An answer whose body is either `body` or a blob's (raw or compressed), sent without copying.
struct Answer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::shared_ptr<const Blob> blob{};
  bool gzip = false;
  bool embeddable = false;
  std::string cache_control = "no-store";
  std::string etag{};       // quoted
  std::string more{};       // further header lines, complete
  bool body_omitted = false;  // HEAD, 304: the length is told, the body is not sent

  std::string_view content() const { return blob ? (gzip ? blob->gzip : blob->bytes) : body; }
};

// "404 Not Found: <message>" as plain text.
Answer plain_answer(int status, std::string_view message);
// A JSON-RPC error without an id, for POST /rpc (schema/calls.md has the codes).
Answer rpc_error(int status, int code, std::string_view message);

Answer answer_request(const Request& request, const Policy::Origin& peer, const Shared& shared);

// The head of an answer. `close`: the connection ends after it.
std::string head_of(const Answer& answer, const Request& request, const Policy& policy, bool close);

}  // namespace mw::edge
