#include "sim/browser.h"

#include <utility>

namespace mw::sim {

Browser::~Browser() { network_.vanish(*this); }

void Browser::open(std::function<void()> opened, std::function<void()> failed) {
  close();
  opened_ = std::move(opened);
  failed_ = std::move(failed);
  link_ = network_.connect(*this, host_, host_.ready());
}

void Browser::close() {
  if (link_ != 0) network_.close(std::exchange(link_, 0));
  open_ = false;
  failed_ = nullptr;
  let_go();
}

// What was asked and not answered may or may not have happened.
void Browser::let_go() {
  const auto waiting = std::exchange(waiting_, {});
  for (const auto& [id, done] : waiting) done({});
}

void Browser::call(const std::string& method, Json params, Done done) {
  if (!open_) return done({});
  const std::uint64_t id = ++calls_;
  waiting_[id] = std::move(done);
  network_.send(
      link_, *this,
      {false, data::to_text({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}})});
}

void Browser::link_opened(LinkId link) {
  if (link != link_) return;
  open_ = true;
  failed_ = nullptr;
  if (const auto opened = std::exchange(opened_, nullptr)) opened();
}

void Browser::received(LinkId link, const Message& message) {
  if (link != link_ || message.binary) return;
  const auto answer = data::parse_json(message.bytes);
  if (!answer.ok() || !answer->contains("id")) return;  // a notification
  const auto at = waiting_.extract((*answer)["id"].get<std::uint64_t>());
  if (at.empty()) return;
  const bool refused = answer->contains("error");
  at.mapped()({refused ? nullptr : &(*answer)["result"], refused ? &(*answer)["error"] : nullptr});
}

void Browser::link_closed(LinkId link) {
  if (link != link_) return;
  link_ = 0;
  open_ = false;
  let_go();
  if (const auto failed = std::exchange(failed_, nullptr)) failed();
}

}  // namespace mw::sim
