#include "runtime/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <ctime>
#include <memory>
#include <mutex>

#include "base/format.h"
#include "base/text.h"
#include "platform/clock.h"

namespace mw::runtime {
namespace {

struct Logger {
  std::mutex mutex;
  std::shared_ptr<spdlog::logger> sink;
  LogLevel level = LogLevel::warning;
};
Logger& logger() {
  static Logger shared;
  return shared;
}

constexpr std::string_view kNames[] = {"debug", "info", "warning", "error", "off"};

void append_string(std::string& out, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    const auto scalar = read_scalar(text);
    if (!scalar) {  // not UTF-8: a log must stay readable for machines
      text.remove_prefix(1);
      out += "\\ufffd";
    } else if (*scalar == '"' || *scalar == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(*scalar));
    } else if (*scalar < 0x20 || (*scalar >= 0x7f && *scalar < 0xa0) || *scalar == 0x2028 || *scalar == 0x2029) {
      out += mw::format("\\u{:04x}", static_cast<unsigned>(*scalar));  // terminals obey some of these
    } else {
      append_scalar(out, *scalar);
    }
  }
  out.push_back('"');
}

struct AppendValue {
  std::string& out;
  void operator()(std::string_view value) const { append_string(out, value); }
  void operator()(std::int64_t value) const { out += mw::format("{}", value); }
  void operator()(std::uint64_t value) const { out += mw::format("{}", value); }
  void operator()(double value) const {
    out += value - value == 0 ? mw::format("{:.6g}", value) : "null";
  }  // no NaN in JSON
  void operator()(bool value) const { out += value ? "true" : "false"; }
};

std::string line_of(LogLevel level, std::string_view area, std::string_view message, LogFields fields) {
  const std::int64_t now = platform::wall_ms();
  const std::time_t seconds = static_cast<std::time_t>(now / 1000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::string out = mw::format(R"({{"time":"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z","level":"{}","area":)",
                               utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                               now % 1000, kNames[static_cast<std::size_t>(level)]);
  append_string(out, area);
  out += R"(,"message":)";
  append_string(out, message);
  for (const LogField& field : fields) {
    out.push_back(',');
    append_string(out, field.key);
    out.push_back(':');
    std::visit(AppendValue{out}, field.value);
  }
  out.push_back('}');
  return out;
}

// Lines come complete: spdlog adds nothing to them.
std::shared_ptr<spdlog::logger> logger_over(spdlog::sink_ptr sink) {
  auto made = std::make_shared<spdlog::logger>("manyworlds", std::move(sink));
  made->set_pattern("%v", spdlog::pattern_time_type::utc);
  made->set_level(spdlog::level::trace);
  made->flush_on(spdlog::level::trace);
  made->set_error_handler([](const std::string&) {});  // a full disk must not end the host, nor fill standard error
  return made;
}

void write_line(LogLevel level, const std::string& line) {
  std::shared_ptr<spdlog::logger> sink;
  {
    const std::lock_guard lock(logger().mutex);
    if (level < logger().level) return;
    if (!logger().sink) logger().sink = logger_over(std::make_shared<spdlog::sinks::stderr_sink_mt>());
    sink = logger().sink;
  }
  sink->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

Status start_log(const LogConfig& config) {
  std::shared_ptr<spdlog::logger> made;
  try {
    spdlog::sink_ptr sink;
    if (config.file.empty())
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    else
      sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
          config.file, config.file_bytes, static_cast<std::size_t>(config.files > 1 ? config.files - 1 : 0));
    made = logger_over(std::move(sink));
  } catch (const spdlog::spdlog_ex& error) {
    return Error{ErrorKind::unavailable, config.file, error.what()};
  }
  const std::lock_guard lock(logger().mutex);
  logger().sink = std::move(made);
  logger().level = config.level;
  return ok();
}

void end_log() {
  const std::lock_guard lock(logger().mutex);
  if (logger().sink) logger().sink->flush();
  logger().sink.reset();
  logger().level = LogLevel::warning;
}

Result<LogLevel> log_level(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == name) return static_cast<LogLevel>(i);
  return invalid("log_level", "expected debug, info, warning, error or off");
}

void log(LogLevel level, std::string_view area, std::string_view message, LogFields fields) {
  {
    const std::lock_guard lock(logger().mutex);
    if (level < logger().level) return;
  }
  write_line(level, line_of(level, area, message, fields));
}

void LogLimit::log(LogLevel level, std::string_view area, std::string_view message, LogFields fields) {
  static std::mutex mutex;  // one for all: places that use a limit are rare by nature
  std::uint64_t left_out = 0;
  {
    const std::lock_guard lock(mutex);
    const double now_s = static_cast<double>(platform::monotonic_ns()) * 1e-9;
    if (last_s_ > 0) tokens_ = std::min(std::max(1.0, per_second_), tokens_ + (now_s - last_s_) * per_second_);
    last_s_ = now_s;
    if (tokens_ < 1) {
      ++suppressed_;
      return;
    }
    tokens_ -= 1;
    left_out = std::exchange(suppressed_, 0);
  }
  mw::runtime::log(level, area, message, fields);
  if (left_out != 0)
    mw::runtime::log(level, area, "similar lines were left out", {{"message_of", message}, {"suppressed", left_out}});
}

}  // namespace mw::runtime
