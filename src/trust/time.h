// Times as documents write them: RFC 3339 in UTC, "2026-11-26T12:00:00Z". Source: RFC 3339, section 5.6; XML Schema 1.1
// dateTimeStamp, which Verifiable Credentials and Data Integrity ask for.
// Thread: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mw::trust {

// Milliseconds since 1970. A zone is required; fractions are read to the millisecond, what is finer is cut off. Error
// `invalid`: another form, a day or an hour that does not exist, a leap second, a year before 1970 or after 9999.
Result<std::int64_t> parse_time(std::string_view text);

// To the second, always "Z". `ms` lies within 1970 to 9999.
std::string format_time(std::int64_t ms);

}  // namespace mw::trust
