#include "server/reference.h"

#include "server/control.h"
#include "server/host.h"
#include "server/options.h"
#include "world/description.h"

namespace mw::server {
namespace {

// Calls are registered by a control side; this one has nobody to talk to.
class NoOutlet final : public tracks::Outlet {
 public:
  void open_track(TrackId, tracks::TrackKind) override {}
  void close_track(TrackId) override {}
  void publish(tracks::FrameRef, tracks::FrameRef) override {}
  void flush() override {}
  void subscribe(SessionId, TrackId, tracks::FrameRef) override {}
  void unsubscribe(SessionId, TrackId) override {}
  void choose(SessionId, TrackId, tracks::ChoiceRef) override {}
  void send_text(SessionId, std::string) override {}
  void send_frame(SessionId, tracks::FrameRef) override {}
  void close(SessionId, tracks::CloseCode, std::string_view) override {}
};

}  // namespace

std::vector<std::pair<std::string, std::string>> reference_files() {
  // A store and a keeper in memory, since the control side wants both; nothing is called.
  auto journal = records::Journal::open({":memory:", "", 0, false});
  MW_ASSERT(journal.ok());
  auto keeper = trust::Keeper::load(**journal, [](std::span<Byte> out) { std::ranges::fill(out, Byte{1}); }, 0);
  MW_ASSERT(keeper.ok());
  records::InlineStore store(std::move(journal).value(), [](const std::function<void()>& work) { work(); });
  NoOutlet outlet;
  tracks::FramePool pool;
  const ControlSetup setup{"Manyworlds", std::string(version()), {}, {}};
  Control control(setup, {outlet, pool, store, **keeper});
  const auto& registry = control.registry();
  return {{"docs/configuration.md", configuration_markdown()},
          {"schema/calls.md", registry.reference_markdown()},
          {"schema/openrpc.json", registry.openrpc().dump(2) + "\n"},
          {"schema/world.schema.json", world::world_schema().dump(2) + "\n"},
          {"web/packages/protocol/src/calls.gen.ts", registry.typescript()}};
}

}  // namespace mw::server
