// The host's metrics, in Prometheus' terms and text format (prometheus-cpp). Names start with "manyworlds_", end in their
// unit ("_seconds", "_bytes") or "_total"; no label may hold what a visitor typed.
// Thread: any. Registering takes a lock and allocates: do it once, keep the reference (valid as long as the Metrics).
// add/set/observe are atomic; hot paths count in plain numbers of their own and publish them once a second.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace mw::runtime {

class Counter {
 public:
  virtual ~Counter() = default;
  virtual void add(double amount = 1) = 0;
  virtual double value() const = 0;
};

class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void set(double value) = 0;
  virtual void add(double amount) = 0;
  virtual double value() const = 0;
};

class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void observe(double value) = 0;
};

class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;
  Metrics();
  ~Metrics();

  // The same name and labels give the same instrument again.
  Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  // `bounds`: upper limits of the buckets, ascending.
  Histogram& histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                       const Labels& labels = {});

  std::string text() const;  // the exposition format 0.0.4

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mw::runtime
