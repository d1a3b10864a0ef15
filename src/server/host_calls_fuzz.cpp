// Strategy: the bytes, split at zero bytes, are the header fields Content-Type, Content-Digest, Signature-Input and Signature of a
// call between hosts and its body; the body is also read as a request and as an answer.
// Invariants: no crash and no hang; whoever sends is answered exactly once, by JSON-RPC, and never with a result, since nobody
// signed; no other host is asked for anything but its did.json; an error that an answer tells is short and is text.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "base/text.h"
#include "server/host_calls.h"

using namespace mw;

namespace {

struct Host {
  std::unique_ptr<records::Journal> journal = records::Journal::open({":memory:", "", 0, false}).value();
  std::unique_ptr<federation::Travel> travel;
  std::unique_ptr<server::HostCalls> calls;

  Host() {
    static const auto key = crypto::SigningKey::from_seed(crypto::Digest{});
    const auto sign = [](ByteView message) { return key.sign(message); };
    federation::Travel::Setup visits;
    visits.authority = "b.example";
    visits.method = "did:web:b.example#key";
    visits.sign = sign;
    visits.entropy = [](std::span<Byte>) {};
    visits.fetch = [](const std::string& url, std::size_t, const auto& answer) {
      MW_ASSERT(url.ends_with("/.well-known/did.json"));
      answer(failure(ErrorKind::unavailable, "nothing answers"));
    };
    travel = federation::Travel::load(*journal, std::move(visits)).value();
    server::HostCalls::Setup setup;
    setup.authority = "b.example";
    setup.did = "did:web:b.example";
    setup.method = "did:web:b.example#key";
    setup.sign = sign;
    setup.entropy = [](std::span<Byte>) {};
    setup.now_ms = [] { return std::int64_t{1'618'884'473'000}; };
    setup.ask = [](const edge::FetchRequest&, std::size_t, const auto&) { MW_ASSERT(false); };
    calls = std::make_unique<server::HostCalls>(std::move(setup), *travel);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Host host;
  std::string_view rest = as_text({data, size});
  std::array<std::string, 5> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto zero = i + 1 < parts.size() ? rest.find('\0') : rest.npos;
    parts[i] = std::string(rest.substr(0, zero));
    rest = zero == rest.npos ? std::string_view() : rest.substr(zero + 1);
  }
  if (const auto call = server::read_host_call(parts[4]); call.ok())
    MW_ASSERT(!call->id.empty() && !call->method.empty() && call->params.is_object());
  else
    MW_ASSERT(!call.error().field.empty());
  if (const auto answer = server::read_host_answer(parts[4], "1"); !answer.ok())
    MW_ASSERT(!answer.error().message.empty() && answer.error().message.size() <= 300 &&
              valid_utf8(answer.error().message) && valid_utf8(answer.error().field));
  edge::PublicRequest request;
  request.post = true;
  request.path = edge::kHostCallsPath;
  request.content_type = "application/json" + parts[0];
  request.content_digest = parts[1] == "right" ? trust::content_digest(as_bytes(parts[4])) : parts[1];
  request.signature_input = parts[2];
  request.signature = parts[3];
  request.body = parts[4];
  int answers = 0;
  host.calls->receive(std::move(request), [&](const edge::HttpReply& reply) {
    ++answers;
    const auto json = data::parse_json(reply.body);
    MW_ASSERT(json.ok() && json->contains("error") && !json->contains("result"));
  });
  MW_ASSERT(answers == 1);
  return 0;
}
