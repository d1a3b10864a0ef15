#include "server/audit_titles.h"

#include <gtest/gtest.h>

#include "trust/test_titles.h"

namespace mw::server {
namespace {

TEST(AuditTitles, AThingSoldTwiceIsReportedWithBothRecords) {
  const trust::Party ada(1), bo(2), cy(3);
  trust::TestLog log;
  trust::TitleIndex own(trust::kTestLog);
  const auto made = trust::create_title(ada, 1);
  own.apply(0, format_title(made));
  log.add(made);
  const auto first = trust::make_title(trust::TitleTransfer{move_of(own, made.hash, bo)}, {ada});
  const auto second = trust::make_title(trust::TitleTransfer{move_of(own, made.hash, cy)}, {ada});
  const auto forged = trust::make_title(trust::TitleTransfer{move_of(own, made.hash, cy)}, {cy});
  log.add(Bytes{'x'});
  for (const auto& record : {forged, first, second}) log.add(record);

  // In two audits, as if some time lay between them: the second goes on with what the first kept.
  TitleEntries entries;
  trust::TitleIndex titles(trust::kTestLog);
  for (std::uint64_t i = 0; i < 4; ++i) take_title(entries, i, *log.log().entry(i));
  EXPECT_EQ(entries.size(), 3u);
  const auto judged = judge_titles(titles, entries, 4);
  EXPECT_EQ(judged.refused.size(), 1u);
  EXPECT_EQ(double_sales(judged, log.fetch(), 5).value(), "");  // forged is no second sale
  auto later = trust::TitleIndex::restore(trust::kTestLog, titles.save()).value();
  entries.clear();
  take_title(entries, 4, *log.log().entry(4));
  const auto again = judge_titles(later, entries, 5);
  ASSERT_EQ(again.refused.size(), 1u);
  const auto text = double_sales(again, log.fetch(), 5).value();
  EXPECT_NE(text.find("manyworlds double sale 1\n"), std::string::npos);
  EXPECT_NE(text.find(first.statement), std::string::npos);
  EXPECT_NE(text.find(second.statement), std::string::npos);
  EXPECT_EQ(later.find(made.hash)->head().owner, bo.id());
}

}  // namespace
}  // namespace mw::server
