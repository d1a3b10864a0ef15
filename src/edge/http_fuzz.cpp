// Strategy: bytes of a connection before any WebSocket, cut into pieces at places that the input chooses, through the request
// parser and the routes. Seeds are whole requests; libFuzzer mutates lengths, targets and header lines.
// Invariants: nothing crashes; a request's path starts with "/" and holds no dot segment, empty segment, backslash or
// control character; the requests do not depend on how the bytes were cut (only how early an incomplete one is refused does);
// an answer's head has exactly one blank line, at its
// end, and as many bytes of content as it says; a refusal has a status from 400 on and a reason.
#include <cstdlib>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/limits.h"
#include "edge/routes.h"

namespace {

using namespace mw;
using namespace mw::edge;

class NoControl final : public Control {
  void session_opened(SessionId, Peer) override {}
  void session_closed(SessionId, Parting) override {}
  void call(SessionId, std::string) override {}
  void claim(SessionId, const wire::PoseClaim&) override {}
  void link_measured(SessionId, double) override {}
  void http_call(Peer, std::string, std::string, std::function<void(HttpReply)>) override {}
};
class OneBlob final : public ContentSource {
  std::shared_ptr<const Blob> find(std::string_view path, std::string_view) const override {
    return path.size() % 2 == 0 ? blob_ : nullptr;
  }
  std::shared_ptr<const Blob> blob_ = make_blob(std::string(1000, 'x'), "text/plain");
};

void check_path(std::string_view path) {
  MW_ASSERT(!path.empty() && path[0] == '/');
  MW_ASSERT(path.find('\\') == path.npos && path.find("//") == path.npos);
  const std::string closed = std::string(path) + "/";
  MW_ASSERT(closed.find("/../") == closed.npos && closed.find("/./") == closed.npos);
  for (const char c : path) MW_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

struct Outcome {
  std::vector<std::string> requests;
  int refused = 0;
};

void check_answer(const Request& request, const Shared& shared) {
  const Policy::Origin peer = shared.policy.peer_of({"10.0.0.1", 1, false}, false, request);
  (void)shared.policy.origin_allowed(request.origin, request.host);
  const Answer answer = answer_request(request, peer, shared);
  const std::string head = head_of(answer, request, shared.policy, !request.keep_alive);
  MW_ASSERT(head.find("\r\n\r\n") == head.size() - 4);
  if (answer.status != 304 && answer.status != 204)
    MW_ASSERT(head.find("\r\nContent-Length: " + std::to_string(answer.content().size()) + "\r\n") != head.npos);
}

Outcome run(ByteView bytes, std::size_t piece, const Shared& shared) {
  Outcome outcome;
  RequestParser parser;
  while (true) {
    const std::size_t size = std::min(piece, bytes.size());
    RequestParser::State state = parser.feed(bytes.first(size));
    bytes = bytes.subspan(size);
    while (state == RequestParser::State::ready) {
      const Request request = parser.take_request();
      check_path(request.path);
      MW_ASSERT(request.body.size() <= limits::kCallBytes);
      check_answer(request, shared);
      outcome.requests.push_back(request.method_name + " " + request.path + "?" + request.query + "|" + request.host +
                                 "|" + request.body);
      state = parser.resume();
    }
    if (state == RequestParser::State::refused) {
      MW_ASSERT(parser.refusal().status >= 400 && !parser.refusal().message.empty());
      outcome.refused = parser.refusal().status;
      return outcome;
    }
    if (bytes.empty()) return outcome;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static NoControl control;
  static const OneBlob content;
  static runtime::Metrics metrics;
  static EdgesConfig config = [] {
    EdgesConfig made;
    made.trusted_proxies = {"10.0.0.0/8"};
    return made;
  }();
  static const Shared shared(config, Policy::make(config).value(), control, content, metrics);
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  const Outcome whole = run(bytes, bytes.size() + 1, shared);
  const Outcome pieces = run(bytes, data[0] % 64 + std::size_t{1}, shared);
  MW_ASSERT(whole.requests == pieces.requests);
  return 0;
}
