// A host shows two histories of its log: in each a thing is sold to somebody else, and each buyer has a verifier. Witnesses crash;
// honest ones cosign one history, f of n cosign both. Each verifier counts the same witnesses.
// Claim of docs/trust.md: where it says "prevented" and at most (n - 1) / 3 of the witnesses lie, no two verifiers take different
// people for the owner; where it says "caught", whoever compares has the proof.
#include "sim/titles_split.h"

#include <array>
#include <memory>

#include "base/format.h"
#include "sim/log_keys.h"
#include "sim/titles_host.h"

namespace mw::sim {
namespace {

struct SplitFace {
  explicit SplitFace(Random random) : disk(random), storage(disk) {}
  Disk disk;
  DiskStorage storage;
  std::unique_ptr<records::Log> log;
  std::unique_ptr<records::Publisher> publisher;
  std::optional<trust::TitleVerifier> verifier;
};

struct SplitWitness {
  explicit SplitWitness(Random random) : disk(random), storage(disk) {}
  Disk disk;
  DiskStorage storage;
  ForgetfulStorage forgetful;  // in place of the disk, where that bug is planted
  std::unique_ptr<records::Witness> judge;
};

class TitlesSplit {
 public:
  explicit TitlesSplit(const Play& play) : play_(play), events_(play.print), random_(play.seed) {}

  Report run() {
    n_ = 1 + random_.below(7);
    f_ = random_.below(n_ / 3 + 2);
    quorum_ = n_ >= 4 && random_.chance(0.7) ? trust::preventing_quorum(n_) : n_ / 2 + 1;
    events_.trace("split", format("{} witnesses, {} dishonest, quorum {}", n_, f_, quorum_));
    for (std::size_t j = 0; j < n_; ++j) {
      witnesses_.push_back(std::make_unique<SplitWitness>(random_.split()));
      open(j);
    }
    for (std::size_t which = 0; which < 2; ++which) begin(which);
    for (int step = 0; step < 120 && report_.violation.empty(); ++step) turn();
    if (report_.violation.empty()) compare();
    report_.trace_hash = events_.trace_hash();
    report_.events = steps_;
    for (const auto& witness : witnesses_) report_.sectors_lost += witness->disk.stats().sectors_lost;
    return report_;
  }

 private:
  void begin(std::size_t which) {
    faces_[which] = std::make_unique<SplitFace>(random_.split());
    SplitFace& face = *faces_[which];
    face.log = records::Log::open(face.storage).value();
    trust::TitleCreate form;
    form.owner = person_key(0).public_key();
    const std::vector<trust::Sign> seller{person_signs(0)};
    const auto made = trust::sign_title(log_name(0), form, seller).value();
    asset_ = made.hash;
    const trust::TitleTransfer sale{{asset_, 1, made.hash, person_key(1 + which).public_key()}};
    add(face, format_title(made));
    add(face, format_title(trust::sign_title(log_name(0), sale, seller).value()));
    records::WitnessPolicy policy;
    for (std::size_t j = 0; j < n_; ++j) policy.witnesses.push_back(witness_signer(j + 1).key);
    policy.quorum = quorum_;
    face.publisher = records::Publisher::open(face.storage, *face.log, log_signer(0), std::move(policy)).value();
    face.verifier = trust::TitleVerifier::make(titles_policy(0, n_ + 1, quorum_)).value();
  }

  static void add(SplitFace& face, const Bytes& entry) {
    const std::vector<ByteView> batch(1, entry);
    MW_ASSERT(face.log->append(batch).ok());
  }

  void open(std::size_t j) {
    SplitWitness& one = *witnesses_[j];
    platform::Storage* storage = &one.storage;
    if (play_.plant == Plant::witness_forgets) storage = &one.forgetful;
    auto judge = records::Witness::open(*storage, witness_signer(j + 1), {{log_name(0), {log_signer(0).key}}});
    if (judge.ok())
      one.judge = *std::move(judge);
    else if (!one.disk.off())
      report_.violation = "a witness does not start: " + judge.error().text();
  }

  void restart(std::size_t j) {
    SplitWitness& one = *witnesses_[j];
    ++report_.crashes;
    one.judge.reset();
    one.forgetful.forget();
    one.disk.turn_off();
    one.disk.turn_on(random_.chance(0.8));
    open(j);
  }

  records::WitnessAnswer ask(std::size_t j, const std::string& request) {
    if (j >= f_) return witnesses_[j]->judge->add_checkpoint(request, static_cast<std::int64_t>(steps_));
    const auto read = records::parse_add_checkpoint(request);
    const auto& text = read->checkpoint.note.text;
    return {200, "", format_signature_line(records::cosign(witness_signer(j + 1), text, 1))};
  }

  void turn() {
    ++steps_;
    const std::size_t which = random_.below(2), j = random_.below(n_);
    SplitFace& face = *faces_[which];
    SplitWitness& one = *witnesses_[j];
    if (random_.chance(0.05)) one.disk.turn_off_after(random_.below(8));
    if (one.disk.off() || random_.chance(0.03) || one.judge == nullptr) return restart(j);
    (void)face.publisher->begin().ok();
    const auto request = face.publisher->request_for(j);
    if (!request) return;
    const auto answer = ask(j, *request);
    events_.trace("split", format("history {} asks witness {}: {}", which, j, answer.status));
    // This log does not mind being refused.
    if (one.disk.off() || answer.status != 200) return;
    (void)face.publisher->answered(j, answer.status, answer.body).ok();
    const auto& published = face.publisher->published();
    if (!published) return;
    const auto fetch = [&face](const records::TileName& tile) { return face.log->read(tile); };
    const auto followed = face.verifier->follow(format_note(published->note), fetch);
    if (!followed.ok()) report_.violation = "a verifier of one history: " + followed.error().text();
    ++report_.acknowledged;
  }

  void compare() {
    const auto a = faces_[0]->verifier->standing(asset_), b = faces_[1]->verifier->standing(asset_);
    if (!a.ok() || !b.ok()) return;
    MW_ASSERT(a->title.head().owner != b->title.head().owner);
    const bool prevented =
        a->cosigned.assurance == trust::Assurance::prevented && b->cosigned.assurance == trust::Assurance::prevented;
    if (prevented && f_ <= (n_ - 1) / 3) {
      report_.violation =
          format("{} of {} witnesses lie, and two people own a thing: it was said to be prevented", f_, n_);
      return;
    }
    ++report_.refused;
    // One buyer's verifier is shown what the other's has seen.
    auto& first = *faces_[0]->verifier;
    const SplitFace& other = *faces_[1];
    if (play_.plant != Plant::no_gossip) {
      const auto fetch = [&other](const records::TileName& tile) { return other.log->read(tile); };
      (void)first.follow(format_note(other.verifier->auditor().latest()->note), fetch).ok();
    }
    const std::vector<records::NoteKey> keys{log_signer(0).key};
    const auto& evidence = first.auditor().evidence();
    if (!evidence || !records::verify_evidence(*evidence, log_name(0), keys).ok())
      report_.violation = "two people own a thing, and nobody has the evidence";
  }

  Play play_;
  Events events_;
  Random random_;
  std::size_t n_ = 0, f_ = 0, quorum_ = 0;
  std::uint64_t steps_ = 0;
  trust::AssetId asset_{};
  std::array<std::unique_ptr<SplitFace>, 2> faces_;
  std::vector<std::unique_ptr<SplitWitness>> witnesses_;
  Report report_;
};

}  // namespace

Report play_titles_split(const Play& play) { return TitlesSplit(play).run(); }

}  // namespace mw::sim
