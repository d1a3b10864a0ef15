// Strategy: bytes as a resume token and as an invitation; the same as their claims and code, well encoded; and good ones of which one
// character is replaced or that are cut.
// Invariants: no crash; only what this host made is taken, in its one spelling, and one kind never for the other.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "crypto/crypto.h"
#include "records/store_queue.h"
#include "trust/keeper.h"

using namespace mw;
using namespace mw::trust;

namespace {

constexpr std::int64_t kNow = 1'790'000'000'000;

struct Host {
  std::unique_ptr<records::Journal> journal = records::Journal::open({":memory:", "", 0, false}).value();
  std::unique_ptr<Keeper> keeper =
      Keeper::load(*journal, [](std::span<Byte> out) { std::ranges::fill(out, Byte{7}); }, kNow).value();
  VisitorId visitor = keeper->new_visitor();
  std::string token = keeper->resume_token(visitor, kNow);
  std::string invitation = keeper->invitation(visitor, kNow);
};

void knock(const Host& host, std::string_view text) {
  const auto resumed = host.keeper->resume(text, kNow);
  MW_ASSERT(resumed.ok() == (text == host.token));
  const auto invited = host.keeper->invited(text, kNow);
  MW_ASSERT(invited.ok() == (text == host.invitation));
  if (resumed.ok()) MW_ASSERT(*resumed == host.visitor);
  if (invited.ok()) MW_ASSERT(*invited == host.visitor);
}

void knock_with_one_changed(const Host& host, std::string good, ByteView data) {
  good[data[0] % good.size()] = static_cast<char>(data[1]);
  knock(host, good);
  knock(host, std::string_view(good).substr(0, data[0] % good.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Host host;
  const ByteView bytes{data, size};
  knock(host, as_text(bytes));
  if (size < 2) return 0;
  knock_with_one_changed(host, host.token, bytes);
  knock_with_one_changed(host, host.invitation, bytes);
  const auto claims = bytes.first(std::min<std::size_t>(size, 16));
  for (const char* version : {"v1.", "i1."})
    knock(host, version + crypto::base64url(claims) + '.' + crypto::base64url(bytes.subspan(claims.size())));
  return 0;
}
