#include "federation/accounts.h"

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>

#include "base/limits.h"
#include "crypto/multibase.h"
#include "federation/test_authenticator.h"
#include "trust/webvh.h"

namespace mw::federation {
namespace {

namespace fs = std::filesystem;

constexpr SessionId kSession{256}, kOther{512};
constexpr VisitorId kAda{77}, kGuest{78};

// A home on a database in a file, so that it can be started again. `refuse`: the disk is full.
class HomeTest : public ::testing::Test {
 protected:
  struct Store final : records::Store {
    Store(std::unique_ptr<records::Journal> journal, Post post) : inner(std::move(journal), std::move(post)) {}
    void commit(records::Batch batch, Done done) override {
      if (refuse) return done(failure(ErrorKind::full, "the disk is full"));
      inner.commit(std::move(batch), std::move(done));
    }
    void fold(std::string stream, records::Snapshot snapshot, std::size_t keep, Finished done) override {
      inner.fold(std::move(stream), std::move(snapshot), keep, std::move(done));
    }
    void copy_to(std::string path, Finished done) override { inner.copy_to(std::move(path), std::move(done)); }
    void run(std::function<void(records::Journal&)> work, std::function<void()> then) override {
      inner.run(std::move(work), std::move(then));
    }
    std::size_t waiting() const override { return 0; }
    records::InlineStore inner;
    bool refuse = false;
  };

  HomeTest() { start(); }
  ~HomeTest() override { fs::remove_all(folder); }

  void start() {
    accounts.reset();
    store.reset();
    fs::create_directories(folder);
    auto journal = records::Journal::open({(folder / "db").string(), "", 0, false}).value();
    accounts = Accounts::load(*journal, home_of("http://a.localhost:8080/", "Test").value(), [](std::span<Byte> out) {
                 crypto::random_bytes(out);
               }).value();
    store = std::make_unique<Store>(std::move(journal), [](std::function<void()> work) { work(); });
    accounts->attach(*store);
  }
  static std::string multikey(Byte number) { return crypto::multikey(TestAuthenticator::key_of(number).public_key()); }
  Result<Accounts::Begun> begin(VisitorId visitor, std::string recovery_key, std::string code = "",
                                SessionId session = kSession) {
    return accounts->begin_registration({session, visitor, "Ada", std::move(recovery_key), std::move(code)}, now);
  }
  static std::string challenge_of(const Json& options) { return options["challenge"]; }
  Result<Account> finish(const Registration& given, SessionId session = kSession) {
    Result<Account> out = failure(ErrorKind::internal, "nothing was answered");
    accounts->finish_registration(session, given, now, [&](Result<Account> account) { out = std::move(account); });
    return out;
  }
  Account make(TestAuthenticator& device, VisitorId visitor = kAda) {
    const auto begun = begin(visitor, multikey(101));
    EXPECT_TRUE(begun.ok()) << begun.error().text();
    auto account = finish(device.create(challenge_of(begun->options)));
    EXPECT_TRUE(account.ok()) << account.error().text();
    return *std::move(account);
  }
  Result<Account> answer(const Login& given, SessionId session = kSession) {
    Result<Account> out = failure(ErrorKind::internal, "nothing was answered");
    accounts->finish_login(session, given, now, [&](Result<Account> account) { out = std::move(account); });
    return out;
  }
  Result<Account> log_in(TestAuthenticator& device) {
    return answer(device.get(challenge_of(accounts->begin_login(kSession, now))));
  }
  Result<Account> recover(Byte key, Byte next, Byte signs = 0) {
    Result<Account> out = failure(ErrorKind::internal, "nothing was answered");
    accounts->begin_recovery(kOther, multikey(key), multikey(next), now, [&](Result<Accounts::Recovery> asked) {
      if (!asked.ok()) return void(out = asked.error());
      const auto signature = TestAuthenticator::key_of(signs == 0 ? key : signs).sign(asked->message);
      accounts->finish_recovery(kOther, asked->challenge, signature, now,
                                [&](Result<Account> account) { out = std::move(account); });
    });
    return out;
  }
  std::string history(const std::string& id) {
    std::string text;
    accounts->history(id, [&](Result<std::string> lines) { text = lines.ok() ? *lines : lines.error().text(); });
    return text;
  }

  fs::path folder = fs::temp_directory_path() / ("accounts-test-" + std::to_string(::getpid()));
  std::unique_ptr<Store> store;
  std::unique_ptr<Accounts> accounts;
  std::int64_t now = 1'764'000'000'000;
};

TEST_F(HomeTest, AGuestBecomesAPersonAndComesBackAfterARestart) {
  TestAuthenticator device(1);
  const auto made = make(device);
  EXPECT_EQ(made.visitor, kAda);
  EXPECT_EQ(made.id.size(), 16u);
  EXPECT_TRUE(made.did.ends_with(":a.localhost%3A8080:people:" + made.id)) << made.did;
  const auto person = trust::read_webvh(history(made.id), made.did, "", now);
  ASSERT_TRUE(person.ok()) << person.error().text();
  EXPECT_TRUE(person->parameters.portable);
  EXPECT_EQ(person->parameters.next_key_hashes, std::vector{trust::next_key_hash(multikey(101))});
  EXPECT_NE(person->parameters.update_keys, std::vector{multikey(101)});
  const auto first = log_in(device);
  ASSERT_TRUE(first.ok()) << first.error().text();
  EXPECT_EQ(first->visitor, kAda);
  start();
  ASSERT_NE(accounts->of_visitor(kAda), nullptr);
  EXPECT_EQ(accounts->of_visitor(kAda)->did, made.did);
  EXPECT_EQ(accounts->of_visitor(kAda)->passkeys[0].passkey.counter, 1u);
  // What an old counter is worth after the restart: nothing.
  TestAuthenticator copy(1);
  EXPECT_EQ(log_in(copy).error().field, "signCount");
  EXPECT_TRUE(log_in(device).ok());
  EXPECT_FALSE(begin(kGuest, "no key").ok());
  TestAuthenticator other(2);
  const auto same = begin(kGuest, multikey(101));
  EXPECT_EQ(finish(other.create(challenge_of(same->options))).error().field, "recovery_key");
}

TEST_F(HomeTest, AChallengeIsAnsweredOnceInItsSessionAndInTime) {
  TestAuthenticator device(1);
  make(device);
  const auto ask = [&] { return challenge_of(accounts->begin_login(kSession, now)); };
  auto challenge = ask();
  EXPECT_EQ(answer(device.get(challenge), kOther).error().field, "challenge");
  EXPECT_TRUE(answer(device.get(challenge)).ok());
  EXPECT_EQ(answer(device.get(challenge)).error().field, "challenge");  // a replay
  challenge = ask();
  now += limits::kChallengeMs;
  EXPECT_EQ(answer(device.get(challenge)).error().field, "challenge");
  EXPECT_EQ(answer(device.get("bm90IGFza2Vk")).error().field, "challenge");
  // What was asked as a registration is none of a login, and is spent by the attempt.
  TestAuthenticator second(2);
  const auto begun = begin(kAda, "");
  ASSERT_TRUE(begun.ok());
  EXPECT_EQ(answer(device.get(challenge_of(begun->options))).error().field, "challenge");
  EXPECT_EQ(finish(second.create(challenge_of(begun->options))).error().field, "challenge");
  // A session holds so many; its oldest goes.
  const auto oldest = ask();
  for (std::size_t i = 0; i < limits::kChallengesPerSession; ++i) ask();
  EXPECT_EQ(answer(device.get(oldest)).error().field, "challenge");
  const auto last = ask();
  accounts->forget(kSession);
  EXPECT_EQ(answer(device.get(last)).error().field, "challenge");
}

TEST_F(HomeTest, AFurtherDeviceJoinsByACodeOnce) {
  TestAuthenticator device(1), phone(2), thief(3);
  const auto made = make(device);
  EXPECT_FALSE(accounts->invite(kGuest, now).ok());
  const auto code = accounts->invite(kAda, now)->code;
  EXPECT_EQ(begin(kGuest, "", "0000000000").error().field, "code");
  std::string typed = code.substr(0, 5) + "-" + code.substr(5);
  for (char& c : typed) c = static_cast<char>(std::tolower(c));
  const auto begun = begin(kGuest, "", typed, kOther);
  const auto too = begin(kGuest, "", code, SessionId{768});
  ASSERT_TRUE(begun.ok()) << begun.error().text();
  ASSERT_TRUE(too.ok());
  const auto joined = finish(phone.create(challenge_of(begun->options)), kOther);
  ASSERT_TRUE(joined.ok()) << joined.error().text();
  EXPECT_EQ(joined->visitor, kAda);
  EXPECT_EQ(joined->passkeys.size(), 2u);
  EXPECT_EQ(finish(thief.create(challenge_of(too->options)), SessionId{768}).error().field, "code");
  start();
  EXPECT_TRUE(log_in(phone).ok());
  EXPECT_TRUE(log_in(device).ok());
  EXPECT_EQ(accounts->begin_registration({kSession, kAda, "Ada", "", ""}, now)->options["excludeCredentials"].size(),
            2u);
  // Removed, it logs in no more; the last one stays.
  Result<Account> gone = failure(ErrorKind::internal, "");
  accounts->remove_passkey(kAda, phone.id, [&](Result<Account> account) { gone = std::move(account); });
  EXPECT_TRUE(gone.ok());
  EXPECT_EQ(log_in(phone).error().field, "id");
  accounts->remove_passkey(kAda, device.id, [&](Result<Account> account) { gone = std::move(account); });
  EXPECT_EQ(gone.error().kind, ErrorKind::conflict);
  const auto late = accounts->invite(kAda, now)->code;
  now += limits::kInvitationMs;
  EXPECT_EQ(begin(kGuest, "", late).error().field, "code");
}

TEST_F(HomeTest, ARecoveryFileRecoversOnceAndEndsWhatWasBefore) {
  TestAuthenticator device(1), fresh(2);
  const auto made = make(device);
  now += 10'000;
  EXPECT_TRUE(accounts->token_good(kAda, now - 1));
  EXPECT_EQ(recover(99, 102).error().field, "key");
  EXPECT_EQ(recover(101, 101).error().field, "next_key");
  EXPECT_EQ(recover(101, 102, 103).error().field, "signature");
  EXPECT_TRUE(log_in(device).ok());  // nothing has happened
  store->refuse = true;
  EXPECT_EQ(recover(101, 102).error().kind, ErrorKind::full);
  EXPECT_TRUE(accounts->token_good(kAda, now - 1));
  store->refuse = false;
  const auto back = recover(101, 102);
  ASSERT_TRUE(back.ok()) << back.error().text();
  EXPECT_EQ(back->did, made.did);
  EXPECT_TRUE(back->passkeys.empty());
  start();
  EXPECT_FALSE(accounts->token_good(kAda, now - 1));
  EXPECT_TRUE(accounts->token_good(kAda, now));
  EXPECT_EQ(log_in(device).error().field, "id");
  const auto person = trust::read_webvh(history(made.id), made.did, "", now);
  ASSERT_TRUE(person.ok()) << person.error().text();
  EXPECT_EQ(person->versions.size(), 2u);
  EXPECT_EQ(person->parameters.update_keys, std::vector{multikey(101)});
  EXPECT_EQ(recover(101, 104).error().field, "key");  // it is spent
  const auto begun = begin(kAda, "");
  ASSERT_TRUE(begun.ok());
  EXPECT_TRUE(finish(fresh.create(challenge_of(begun->options))).ok());
  EXPECT_TRUE(log_in(fresh).ok());
  EXPECT_TRUE(recover(102, 103).ok());  // the next file counts
}

TEST_F(HomeTest, AFullDiskLeavesNobodyHalfThere) {
  TestAuthenticator device(1);
  store->refuse = true;
  const auto begun = begin(kAda, multikey(101));
  EXPECT_EQ(finish(device.create(challenge_of(begun->options))).error().kind, ErrorKind::full);
  EXPECT_EQ(accounts->size(), 0u);
  EXPECT_EQ(accounts->of_visitor(kAda), nullptr);
  store->refuse = false;
  const auto made = make(device);
  store->refuse = true;
  TestAuthenticator second(2);
  const auto more = begin(kAda, "");
  EXPECT_EQ(finish(second.create(challenge_of(more->options))).error().kind, ErrorKind::full);
  EXPECT_EQ(accounts->of_visitor(kAda)->passkeys.size(), 1u);
  EXPECT_FALSE(log_in(device).ok());  // the counter would not be kept
  store->refuse = false;
  EXPECT_TRUE(log_in(device).ok());
  EXPECT_EQ(finish(device.create(challenge_of(begin(kAda, "")->options))).error().kind, ErrorKind::conflict);
}

TEST(HomeName, IsThatOfItsAddress) {
  const auto home = home_of("https://a.example:443/", "A").value();
  EXPECT_EQ(home.origin, "https://a.example");
  EXPECT_EQ(home.rp_id, "a.example");
  EXPECT_EQ(home_of("https://a.example:8443", "A")->authority, "a.example:8443");
  EXPECT_EQ(home_of("", "A").error().kind, ErrorKind::not_found);
  EXPECT_FALSE(home_of("http://127.0.0.1:8080", "A").ok());
  EXPECT_FALSE(home_of("https://a.example/path", "A").ok());
}

}  // namespace
}  // namespace mw::federation
