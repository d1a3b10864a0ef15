// Structured logs: one JSON object a line, by spdlog. {"time":"2026-11-21T21:00:00.000Z","level":"info","area":"edge",
// "message":"listening","port":8080}. To standard error, or to a file that rotates and is bounded (size times files).
// Messages are English and constant; what varies is a field, so that hostile text is always escaped as a JSON string.
// Thread: any; start_log and end_log once each, from main. Never on hot paths.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/limits.h"
#include "base/result.h"

namespace mw::runtime {

enum class LogLevel : std::uint8_t { debug, info, warning, error, off };

struct LogConfig {
  LogLevel level = LogLevel::info;
  std::string file;  // empty: standard error
  std::size_t file_bytes = limits::kLogFileBytesDefault;  // of one file
  int files = 4;                                          // the current one and the older ones
};

// Before it, and without it (tests), logs go to standard error from `warning` up. Error: the file cannot be opened.
Status start_log(const LogConfig& config);
void end_log();  // flushes
Result<LogLevel> log_level(std::string_view name);  // "debug", "info", "warning", "error", "off"

struct LogField {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;
  std::string_view key;
  Value value;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  template <class Integer>
    requires std::is_integral_v<Integer>
  LogField(std::string_view k, Integer v) : key(k) {
    if constexpr (std::is_signed_v<Integer>)
      value = static_cast<std::int64_t>(v);
    else
      value = static_cast<std::uint64_t>(v);
  }
};

using LogFields = std::initializer_list<LogField>;
void log(LogLevel level, std::string_view area, std::string_view message, LogFields fields = {});
inline void log_debug(std::string_view area, std::string_view message, LogFields fields = {}) {
  log(LogLevel::debug, area, message, fields);
}
inline void log_info(std::string_view area, std::string_view message, LogFields fields = {}) {
  log(LogLevel::info, area, message, fields);
}
inline void log_warning(std::string_view area, std::string_view message, LogFields fields = {}) {
  log(LogLevel::warning, area, message, fields);
}
inline void log_error(std::string_view area, std::string_view message, LogFields fields = {}) {
  log(LogLevel::error, area, message, fields);
}

// For what an outsider can cause at will: at most `per_second` lines a second; the next line that passes is followed by one that
// says how many were left out (field "suppressed"). Keep one static LogLimit per place. Thread: any.
class LogLimit {
 public:
  explicit LogLimit(double per_second) : per_second_(per_second), tokens_(per_second > 1 ? per_second : 1) {}
  void log(LogLevel level, std::string_view area, std::string_view message, LogFields fields = {});

 private:
  const double per_second_;
  double tokens_;
  double last_s_ = 0;
  std::uint64_t suppressed_ = 0;
};

}  // namespace mw::runtime
