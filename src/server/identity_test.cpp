#include "server/identity.h"

#include <gtest/gtest.h>

#include "data/json.h"
#include "trust/did.h"

namespace mw::server {
namespace {

TEST(HostIdentity, IsTheNameInItsAddress) {
  EXPECT_EQ(*host_did("https://worlds.example.org"), "did:web:worlds.example.org");
  EXPECT_EQ(*host_did("https://worlds.example.org/"), "did:web:worlds.example.org");
  EXPECT_EQ(*host_did("https://worlds.example.org:443/"), "did:web:worlds.example.org");
  EXPECT_EQ(*host_did("https://worlds.example.org:8443"), "did:web:worlds.example.org%3A8443");
  EXPECT_EQ(*host_did("http://a.localhost:8080"), "did:web:a.localhost%3A8080");
  EXPECT_EQ(host_did("").error().kind, ErrorKind::not_found);
  for (const char* bad : {"http://worlds.example.org", "https://10.0.0.1", "https://[::1]:8443", "https://a.org/worlds",
                          "https://user@a.org", "ftp://a.org", "https://", "http://localhost.example.org"})
    EXPECT_EQ(host_did(bad).error().field, "public_url") << bad;
}

TEST(HostIdentity, IsADocumentThatOthersRead) {
  const auto key = crypto::SigningKey::from_seed(crypto::Digest{}).public_key();
  const auto json = data::parse_json(identity_document("did:web:a.example", key, "https://a.example"));
  ASSERT_TRUE(json.ok());
  const auto document = trust::read_did_document(*json, "did:web:a.example");
  ASSERT_TRUE(document.ok()) << document.error().text();
  const std::string method = "did:web:a.example#z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp";
  EXPECT_EQ(*document->key(method, trust::Purpose::assertion), key);
  EXPECT_EQ(*document->key(method, trust::Purpose::authentication), key);
  ASSERT_EQ(document->services.size(), 1u);
  EXPECT_EQ(document->services[0].endpoint, "https://a.example/");
}

}  // namespace
}  // namespace mw::server
