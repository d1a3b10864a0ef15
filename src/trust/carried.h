// Whether a thing that somebody has brought along may be shown here: what their home said of it, held against the log in which its
// title lives. A home speaks for its own people, and for no title: what counts is a lease that the owner has signed, to this host,
// in a log that was scanned (title_proof.h). That may be the log of a third host, which the credential then names.
// Source: schema/visit.md, schema/titles.md. Thread: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "trust/title_proof.h"
#include "trust/visit.h"

namespace mw::trust {

// The log of the host with this key: "manyworlds/" and the host's id.
std::string log_origin(const crypto::PublicKey& host);

// What can be said before the log is read: that the title is one, and that the log is that of the host which is said to show it.
// Error `forbidden`, with the member of the carried thing.
Result<AssetId> carried_asset(const CarriedThing& told, const crypto::PublicKey& log_host_key);

// The lease under which `host` (its did:web and key) shows the thing; from when on is may_show's to say (lease.h). Errors:
// `forbidden` with the member, for good: the thing is another than the title's, the lease is another host's; `unavailable`: there is
// no lease that is not over, which may just not be published yet.
Result<Lease> check_carried(const CarriedThing& told, const Standing& standing, std::string_view host,
                            const crypto::PublicKey& key, std::int64_t now_ms);

}  // namespace mw::trust
