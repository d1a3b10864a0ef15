// Strategy: text as an add-checkpoint request, given to a witness that knows one log, twice.
// Invariants: an accepted request is written back as the same text; the answer is one of the specification's; a request that was
// not signed by the log changes nothing.
#include <array>
#include <cstdlib>

#include "records/test_storage.h"
#include "records/witness.h"

using namespace mw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(ByteView(data, size));
  const auto request = records::parse_add_checkpoint(text);
  if (request.ok() &&
      records::format_add_checkpoint(request->old_size, request->proof, request->checkpoint.note) != text)
    std::abort();
  static const auto secret = crypto::SigningKey::from_seed(std::array<Byte, 32>{7});
  const records::NoteSigner signer{
      records::note_key("w", records::SignatureType::cosignature, secret.public_key()).value(),
      [](ByteView message) { return secret.sign(message); }};
  const auto log = records::parse_verifier_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  records::MemoryStorage storage;
  auto witness = records::Witness::open(storage, signer, {{"a.example/log", {*log}}}).value();
  for (int i = 0; i < 2; ++i) {
    const int status = witness->add_checkpoint(text, 1).status;
    if (status != 400 && status != 403 && status != 404) std::abort();  // nobody can sign for that log here
    if ((status == 400) != !request.ok()) std::abort();
  }
  if (witness->latest("a.example/log") || !storage.files.empty()) std::abort();
  return 0;
}
