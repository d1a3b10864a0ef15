// Introductions: a host says of which other hosts it knows who runs them, so that a host that trusts it lets their people in. One
// signed list for each host, at its /.well-known/manyworlds-introductions.json; the exact form stands in schema/visit.md. It counts
// for one step: whoever is introduced introduces nobody. Sources: W3C Data Integrity (trust/integrity.h).
// Thread: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/json.h"
#include "trust/did.h"
#include "trust/integrity.h"

namespace mw::trust {

inline constexpr std::string_view kIntroductionsFile = "manyworlds-introductions.json";
inline constexpr std::size_t kIntroductions = 1'000;  // hosts in one list
inline constexpr std::size_t kIntroductionsBytes = 256u << 10;
inline constexpr std::int64_t kIntroductionsMs = 24 * 3'600'000;  // the longest that a list counts

struct Introductions {
  std::vector<std::string> hosts;  // authorities: "c.example", "c.example:8443"
  std::int64_t until_ms = 0;
};

// The list of the host `issuer` (did:web), good for kIntroductionsMs. Errors: `invalid`, field "hosts": no name of a host, or too
// many.
Result<Json> make_introductions(std::string_view issuer, const std::vector<std::string>& hosts, std::string_view method,
                                const Sign& sign, std::int64_t now_ms);

// As it was found at `introducer`, whose document was fetched by its name. Errors `forbidden`, with the member: another issuer,
// not signed by it, out of its time, or of another form.
Result<Introductions> read_introductions(const Json& list, const DidDocument& introducer, std::int64_t now_ms);

}  // namespace mw::trust
