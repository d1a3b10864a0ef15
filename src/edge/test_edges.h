// For tests: edges on a free loopback port, with a control side that notes what it is told. The file that includes it includes
// GoogleTest before.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "edge/edges.h"
#include "edge/test_client.h"
#include "tracks/frame.h"

namespace mw::edge {

class EdgesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    content_.add("/index.html", make_blob("<!doctype html><title>worlds</title>", "text/html; charset=utf-8"));
    content_.add("/assets/app-1.js", make_blob(std::string(5000, 'a'), "text/javascript", CachePolicy::immutable));
    content_.add("/models/bench.glb", make_blob(std::string(300'000, '\7'), "model/gltf-binary"));
    content_.add("/world-view.js", make_blob("customElements", "text/javascript", CachePolicy::revalidate, true));
  }
  void TearDown() override {
    if (edges_) edges_->stop();
  }
  void start(EdgesConfig config = {}) {
    auto made = Edges::make(std::move(config), control_, content_, metrics_);
    ASSERT_TRUE(made) << made.error().text();
    edges_ = std::move(*made);
    edges_->start();
  }
  TestClient client(int receive_bytes = 0) { return TestClient(edges_->port(), false, receive_bytes); }
  // A client in a session, and the session's id.
  TestClient session(SessionId& id, int receive_bytes = 0) {
    const std::size_t before = control_.look([&] { return control_.opened.size(); });
    TestClient made = client(receive_bytes);
    EXPECT_EQ(made.upgrade().status, 101);
    EXPECT_TRUE(control_.wait([&] { return control_.opened.size() > before; }));
    id = control_.look([&] { return control_.opened.back(); });
    return made;
  }
  tracks::FrameRef frame(TrackId track, std::uint32_t group, std::uint32_t sequence, std::size_t size,
                         char fill = 'x') {
    const std::string payload(size, fill);
    return pool_.make({track, group, sequence, sequence == 0}, as_bytes(payload));
  }

  tracks::FramePool pool_;  // outlives the edges
  TestControl control_;
  TestContent content_;
  runtime::Metrics metrics_;
  std::unique_ptr<Edges> edges_;
};

}  // namespace mw::edge
