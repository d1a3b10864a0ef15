#include "bench/plot.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "base/format.h"

namespace mw::bench {
namespace {

constexpr double kWidth = 420, kHeight = 250, kLeft = 52, kRight = 12, kTop = 30, kBottom = 62;
constexpr const char* kColours[] = {"#2a6fbb", "#d1495b", "#3d8f5f", "#8a5ab5", "#c98a1b"};

struct Panel {
  const char* title;
  std::vector<std::pair<const char*, const char*>> fields;  // of the JSON, and what the legend calls it
};

const std::vector<Panel>& panels() {
  static const std::vector<Panel> kPanels = {
      {"cores", {{"server_core", "server"}, {"floor_core", "floor"}, {"client_core", "clients"}}},
      {"Mbit/s for each client", {{"mbit_per_client", "down"}}},
      {"degrees, p99",
       {{"angle_near_p99_deg", "0.5 to 3 m"}, {"angle_mid_p99_deg", "3 to 10 m"}, {"angle_far_p99_deg", "beyond"}}},
      {"age, ms, p99", {{"age_near_p99_ms", "within 20 m"}, {"age_p99_ms", "everybody"}}},
  };
  return kPanels;
}

using Points = std::vector<std::pair<double, double>>;

// 1, 2 or 5 times a power of ten, so that about four steps reach `most`.
double step_for(double most) {
  const double power = std::pow(10, std::floor(std::log10(std::max(most, 1e-6) / 4)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (most / (factor * power) <= 5) return factor * power;
  return 10 * power;
}

std::string axes(double most_x, double most_y, const char* title) {
  std::string svg = format("<text x=\"{}\" y=\"18\" font-weight=\"bold\">{}</text>\n", kLeft, title);
  const double width = kWidth - kLeft - kRight, height = kHeight - kTop - kBottom;
  for (double y = 0; y <= most_y * 1.001; y += step_for(most_y)) {
    const double at = kTop + height * (1 - y / most_y);
    svg += format(
        "<path d=\"M{} {:.1f}h{}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:g}</text>\n",
        kLeft, at, width, kLeft - 6, at + 4, y);
  }
  for (double x = 0; x <= most_x * 1.001; x += step_for(most_x))
    svg += format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:g}</text>\n", kLeft + width * x / most_x,
                  kHeight - kBottom + 16, x);
  return svg;
}

std::string series(const Points& points, double most_x, double most_y, std::size_t index, std::string_view name) {
  const char* colour = kColours[index % std::size(kColours)];
  const double width = kWidth - kLeft - kRight, height = kHeight - kTop - kBottom;
  std::string path, dots;
  for (const auto& [x, y] : points) {
    const double at_x = kLeft + width * x / most_x, at_y = kTop + height * (1 - y / most_y);
    path += format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", at_x, at_y);
    dots += format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>", at_x, at_y, colour);
  }
  const double legend_x = kLeft + static_cast<double>(index % 3) * 122;
  const double legend_y = kHeight - 26 + static_cast<double>(index / 3) * 14;
  return format(
      "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"/>{}\n"
      "<circle cx=\"{}\" cy=\"{}\" r=\"4\" fill=\"{}\"/><text x=\"{}\" y=\"{}\">{}</text>\n",
      path, colour, dots, legend_x, legend_y, colour, legend_x + 8, legend_y + 4, name);
}

std::string draw(const Panel& panel, const std::vector<Json>& runs) {
  std::map<std::string, std::vector<const Json*>> groups;  // by mode and trace
  for (const Json& run : runs) groups[run.value("mode", "") + " " + run.value("trace", "")].push_back(&run);
  std::vector<std::pair<std::string, Points>> lines;
  double most_x = 1, most_y = 1e-6;
  for (const auto& [group, members] : groups) {
    for (const auto& [field, label] : panel.fields) {
      Points points;
      for (const Json* run : members) {
        const auto value = run->find(field);
        if (value == run->end() || !value->is_number()) continue;
        points.emplace_back((*run)["clients"].get<double>(), value->get<double>());
        most_x = std::max(most_x, points.back().first);
        most_y = std::max(most_y, points.back().second);
      }
      std::sort(points.begin(), points.end());
      if (!points.empty()) lines.emplace_back(groups.size() > 1 ? format("{}, {}", group, label) : label, points);
    }
  }
  std::string svg = axes(most_x, most_y, panel.title);
  for (std::size_t i = 0; i < lines.size(); ++i) svg += series(lines[i].second, most_x, most_y, i, lines[i].first);
  return svg;
}

}  // namespace

Result<std::string> plot_crowd(const std::vector<Json>& runs) {
  for (const Json& run : runs)
    if (!run.is_object() || !run.contains("clients") || !run["clients"].is_number())
      return invalid("files", "expected the JSON of `manyworlds-bench crowd`: a run without clients");
  if (runs.empty()) return invalid("files", "expected one run or more");
  std::string svg = format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"sans-serif\" font-size=\"11\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
      2 * kWidth, 2 * kHeight);
  for (std::size_t i = 0; i < panels().size(); ++i)
    svg += format("<g transform=\"translate({} {})\">\n{}</g>\n", static_cast<double>(i % 2) * kWidth,
                  static_cast<double>(i / 2) * kHeight, draw(panels()[i], runs));
  return svg + "</svg>\n";
}

Result<Json> run_plot(const PlotOptions& options) {
  std::vector<Json> runs;
  for (const std::string& file : options.files) {
    std::ifstream in(file);
    auto json = data::parse_json(std::string(std::istreambuf_iterator<char>(in), {}));
    if (!json.ok()) return invalid("files", format("{}: {}", file, json.error().text()));
    runs.push_back(std::move(*json));
  }
  auto svg = plot_crowd(runs);
  if (!svg.ok()) return std::move(svg).error();
  std::ofstream out(options.out);
  out << *svg;
  if (!out.flush()) return failure(ErrorKind::unavailable, format("cannot write {}", options.out));
  return Json{{"plot", options.out}, {"runs", runs.size()}};
}

}  // namespace mw::bench
