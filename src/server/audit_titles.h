// The part of `manyworlds audit` that is about titles: judges the records of a log, and makes evidence of things sold twice.
// Thread: values.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "records/auditor.h"
#include "trust/title_proof.h"

namespace mw::server {

using TitleEntries = std::vector<std::pair<std::uint64_t, Bytes>>;  // by index
// Adds it if it is a title record.
void take_title(TitleEntries& entries, std::uint64_t index, ByteView entry);

struct JudgedTitles {
  std::size_t records = 0;
  std::vector<trust::RefusedTitle> refused;
};
// Takes the entries up to `size`, of which these are the title records.
JudgedTitles judge_titles(trust::TitleIndex& titles, const TitleEntries& entries, std::uint64_t size);

// For each thing that was sold twice, the two records, as text that anybody can check by trust::verify_double_sale; empty
// when there is none. Errors: those of `fetch`; `damaged` when the first record is not where the log had it.
Result<std::string> double_sales(const JudgedTitles& judged, const records::Auditor::Fetch& fetch, std::uint64_t size);

}  // namespace mw::server
