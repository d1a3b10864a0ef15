#include "trust/time.h"

#include <chrono>

#include "base/format.h"

namespace mw::trust {
namespace {

constexpr int kNone = -1;

// `count` digits at the front of `rest`, which moves behind them; kNone where they are not digits.
int digits(std::string_view& rest, std::size_t count) {
  if (rest.size() < count) return kNone;
  int value = 0;
  for (const char c : rest.substr(0, count)) {
    if (c < '0' || c > '9') return kNone;
    value = value * 10 + (c - '0');
  }
  rest.remove_prefix(count);
  return value;
}

bool skip(std::string_view& rest, char c) {
  if (!rest.starts_with(c)) return false;
  rest.remove_prefix(1);
  return true;
}

// Milliseconds of ".123456"; none where there is no point; kNone for a point without digits.
int fraction_ms(std::string_view& rest) {
  if (!skip(rest, '.')) return 0;
  int ms = 0, scale = 100;
  std::size_t count = 0;
  for (; count < rest.size() && rest[count] >= '0' && rest[count] <= '9'; ++count, scale /= 10)
    ms += (rest[count] - '0') * scale;
  rest.remove_prefix(count);
  return count == 0 ? kNone : ms;
}

// Minutes east of UTC; nullopt for what is no zone.
bool zone(std::string_view& rest, int& minutes) {
  minutes = 0;
  if (skip(rest, 'Z')) return true;
  const bool east = rest.starts_with('+');
  if (!skip(rest, '+') && !skip(rest, '-')) return false;
  const int hour = digits(rest, 2);
  const bool colon = skip(rest, ':');
  const int minute = digits(rest, 2);
  minutes = (hour * 60 + minute) * (east ? 1 : -1);
  return hour >= 0 && hour < 24 && colon && minute >= 0 && minute < 60;
}

}  // namespace

Result<std::int64_t> parse_time(std::string_view text) {
  using namespace std::chrono;
  std::string_view rest = text;
  const int year_number = digits(rest, 4);
  const bool dash = skip(rest, '-');
  const int month_number = digits(rest, 2);
  const bool second_dash = skip(rest, '-');
  const int day_number = digits(rest, 2);
  const bool t = skip(rest, 'T');
  const int hour = digits(rest, 2);
  const bool colon = skip(rest, ':');
  const int minute = digits(rest, 2);
  const bool second_colon = skip(rest, ':');
  const int second = digits(rest, 2);
  const int ms = fraction_ms(rest);
  int east = 0;
  const bool form =
      dash && second_dash && t && colon && second_colon && ms != kNone && zone(rest, east) && rest.empty();
  const year_month_day date(year(year_number), month(static_cast<unsigned>(month_number)),
                            day(static_cast<unsigned>(day_number)));
  if (!form || month_number < 1 || day_number < 1 || !date.ok() || year_number < 1970 || hour < 0 || hour > 23 ||
      minute < 0 || minute > 59 || second < 0 || second > 59)
    return invalid("", "expected a time such as 2026-11-26T12:00:00Z");
  const auto days = sys_days(date).time_since_epoch();
  return milliseconds(days + hours(hour) + minutes(minute - east) + seconds(second) + milliseconds(ms)).count();
}

std::string format_time(std::int64_t ms) {
  using namespace std::chrono;
  const sys_seconds time{seconds(ms / 1000)};
  const auto date = floor<days>(time);
  const year_month_day day(date);
  const hh_mm_ss clock(time - date);
  return format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()), clock.hours().count(),
                clock.minutes().count(), clock.seconds().count());
}

}  // namespace mw::trust
