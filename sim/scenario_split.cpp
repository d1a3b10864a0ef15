// A log that shows two histories: each face has its own entries after a common beginning, and the same key. Honest witnesses see
// whichever face comes first; dishonest ones cosign both. Witnesses crash meanwhile. Two auditors each follow one face, and
// then show each other what they have seen.
// Claim: with n witnesses of which f are dishonest and a quorum k, 2k > n + f prevents that both faces are published; below
// that, whoever compares two published checkpoints has the evidence.
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/format.h"
#include "records/auditor.h"
#include "records/publisher.h"
#include "records/witness.h"
#include "sim/disk_storage.h"
#include "sim/events.h"
#include "sim/log_keys.h"
#include "sim/scenario.h"

namespace mw::sim {
namespace {

constexpr std::size_t kLiar = 0;

struct Face {
  explicit Face(Random random) : disk(random), storage(disk) {}
  Disk disk;
  DiskStorage storage;
  std::unique_ptr<records::Log> log;
  std::unique_ptr<records::Publisher> publisher;
  records::Auditor auditor{records::AuditPolicy{log_name(kLiar), {log_signer(kLiar).key}, {}}};
};

struct Peer {
  explicit Peer(Random random) : disk(random), storage(disk) {}
  Disk disk;
  DiskStorage storage;
  ForgetfulStorage forgetful;  // in place of the disk, where that bug is planted
  bool honest = true;
  std::unique_ptr<records::Witness> faces[2];  // a dishonest one remembers each face by itself
};

class SplitPlay {
 public:
  explicit SplitPlay(const Play& play) : play_(play), events_(play.print), random_(play.seed) {}

  Report run() {
    n_ = 1 + random_.below(9);
    f_ = random_.below(n_ / 3 + 2);
    if (f_ > n_) f_ = n_;
    k_ = n_ / 2 + 1 + random_.below(n_ - n_ / 2);
    if (random_.chance(0.2)) k_ = 1 + random_.below(n_);
    events_.trace("split", format("{} witnesses, {} dishonest, quorum {}", n_, f_, k_));
    for (std::size_t j = 0; j < n_; ++j) {
      peers_.push_back(std::make_unique<Peer>(random_.split()));
      peers_[j]->honest = j >= f_;
      open(*peers_[j], j);
    }
    for (int face = 0; face < 2; ++face) begin(face);
    for (int step = 0; step < 400 && report_.violation.empty(); ++step) turn();
    if (report_.violation.empty()) compare();
    report_.trace_hash = events_.trace_hash();
    report_.events = steps_;
    for (const auto& peer : peers_) report_.sectors_lost += peer->disk.stats().sectors_lost;
    return report_;
  }

 private:
  void begin(int which) {
    faces_[which] = std::make_unique<Face>(random_.split());
    Face& face = *faces_[which];
    face.log = records::Log::open(face.storage).value();
    if (which == 0) common_ = random_.below(300);
    for (std::uint64_t i = 0; i < common_; ++i) append(face, format("{}", i));
    records::WitnessPolicy policy;
    for (std::size_t j = 0; j < n_; ++j) policy.witnesses.push_back(witness_signer(j + 1).key);
    policy.quorum = k_;
    face.publisher = records::Publisher::open(face.storage, *face.log, log_signer(kLiar), std::move(policy)).value();
  }

  static void append(Face& face, const std::string& text) {
    const std::vector<ByteView> entry(1, as_bytes(text));
    MW_ASSERT(face.log->append(entry).ok());
  }

  void open(Peer& peer, std::size_t j) {
    platform::Storage* storage = &peer.storage;
    if (play_.plant == Plant::witness_forgets) storage = &peer.forgetful;
    const std::vector<records::WitnessedLog> logs{{log_name(kLiar), {log_signer(kLiar).key}}};
    auto witness = records::Witness::open(*storage, witness_signer(j + 1), logs);
    if (!witness.ok()) {
      if (!peer.disk.off()) report_.violation = "a witness does not start: " + witness.error().text();
      return;
    }
    peer.faces[0] = *std::move(witness);
    // Its second memory is nowhere but in its head, which is how it lies.
    if (!peer.honest) peer.faces[1] = records::Witness::open(second_heads_[j], witness_signer(j + 1), logs).value();
  }

  // One face asks one witness, or something goes wrong.
  void turn() {
    ++steps_;
    const int which = static_cast<int>(random_.below(2));
    Face& face = *faces_[which];
    const std::size_t j = random_.below(n_);
    Peer& peer = *peers_[j];
    if (random_.chance(0.05)) append(face, format("face {} {}", which, steps_));
    if (random_.chance(0.03)) peer.disk.turn_off_after(random_.below(8));
    if (peer.disk.off() || random_.chance(0.02)) return restart(peer, j);
    (void)face.publisher->begin().ok();
    const auto request = face.publisher->request_for(j);
    if (!request) return;
    auto* witness = peer.faces[peer.honest ? 0 : which].get();
    if (witness == nullptr) return restart(peer, j);
    const auto answer = witness->add_checkpoint(*request, static_cast<std::int64_t>(steps_));
    events_.trace("split", format("face {} asks witness {}: {}", which, j, answer.status));
    if (peer.disk.off() || random_.chance(0.1)) return;
    // This log does not mind being refused: it shows each face only what that face should see.
    if (answer.status != 200 && answer.status != 409) return;
    if (answer.status == 409 && !answer.body.starts_with(format("{}\n", 0)) && face_would_give_up(face, answer.body))
      return;
    (void)face.publisher->answered(j, answer.status, answer.body).ok();
    look(face);
  }

  // A 409 that an honest publisher takes as the end: more entries than this face has.
  static bool face_would_give_up(const Face& face, std::string_view body) {
    body = body.substr(0, body.size() - (body.ends_with('\n') ? 1 : 0));
    const auto size = records::parse_tree_size(body, "size");
    return size.ok() && *size >= face.log->size();
  }

  void restart(Peer& peer, std::size_t j) {
    ++report_.crashes;
    for (auto& face : peer.faces) face.reset();
    peer.forgetful.forget();
    peer.disk.turn_off();
    peer.disk.turn_on(random_.chance(0.8));
    open(peer, j);
  }

  void look(Face& face) {
    const auto& published = face.publisher->published();
    if (!published ||
        published->checkpoint.size == face.auditor.latest().value_or(records::SignedCheckpoint{}).checkpoint.size)
      return;
    const auto audit = face.auditor.follow(format_note(published->note), fetch_of(face));
    if (!audit.ok()) report_.violation = "an auditor of one face: " + audit.error().text();
    ++report_.acknowledged;
  }

  static records::Auditor::Fetch fetch_of(const Face& face) {
    return [&face](const records::TileName& name) { return face.log->read(name); };
  }

  bool split() const {
    const auto& a = faces_[0]->auditor.latest();
    const auto& b = faces_[1]->auditor.latest();
    return a && b && a->checkpoint.size > common_ && b->checkpoint.size > common_;
  }

  void compare() {
    if (!split()) return;
    events_.trace("split", "both faces were published");
    if (2 * k_ > n_ + f_) {
      report_.violation = format("{} witnesses, {} dishonest, quorum {}: two histories were published", n_, f_, k_);
      return;
    }
    ++report_.refused;
    // Gossip: the auditor of one face meets the checkpoint of the other, with the larger tree's tiles at hand.
    auto& first = faces_[0]->auditor;
    const auto& other = *faces_[1]->auditor.latest();
    const bool larger = other.checkpoint.size > first.latest()->checkpoint.size;
    if (play_.plant != Plant::no_gossip)
      (void)first.follow(format_note(other.note), fetch_of(*faces_[larger ? 1 : 0])).ok();
    const std::vector<records::NoteKey> keys{log_signer(kLiar).key};
    if (!first.evidence() || !records::verify_evidence(*first.evidence(), log_name(kLiar), keys).ok())
      report_.violation = "a split view was published, and nobody has the evidence";
  }

  Play play_;
  Events events_;
  Random random_;
  std::size_t n_ = 0, f_ = 0, k_ = 0;
  std::uint64_t common_ = 0, steps_ = 0;
  std::unique_ptr<Face> faces_[2];
  std::vector<std::unique_ptr<Peer>> peers_;
  std::map<std::size_t, ForgetfulStorage> second_heads_;
  Report report_;
};

}  // namespace

Report play_split(const Play& play) { return SplitPlay(play).run(); }

}  // namespace mw::sim
