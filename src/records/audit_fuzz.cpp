// Strategy: text as evidence of a split view and as what an auditor keeps.
// Invariants: accepted evidence is written back as the same text; nobody can make evidence without the log's key.
#include <cstdlib>

#include "records/auditor.h"

using namespace mw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(ByteView(data, size));
  const auto key = records::parse_verifier_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  const std::vector<records::NoteKey> keys{*key};
  const auto evidence = records::parse_evidence(text);
  if (evidence.ok()) {
    if (records::format_evidence(*evidence) != text) std::abort();
    if (records::verify_evidence(*evidence, "PeterNeumann", keys).ok()) std::abort();
  }
  const auto auditor = records::Auditor::restore({"PeterNeumann", keys, {}}, text);
  if (auditor.ok() && auditor->latest()) std::abort();
  return 0;
}
