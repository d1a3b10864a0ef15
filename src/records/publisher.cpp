#include "records/publisher.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/limits.h"
#include "records/witness.h"

namespace mw::records {
namespace {

constexpr const char* kFile = "checkpoint";

Error bad_policy(std::string why) { return invalid("witnesses", std::move(why)); }

}  // namespace

Publisher::Publisher(platform::Storage& storage, Log& log, NoteSigner signer, WitnessPolicy policy)
    : storage_(storage),
      log_(log),
      signer_(std::move(signer)),
      policy_(std::move(policy)),
      peers_(policy_.witnesses.size()) {}

Result<std::unique_ptr<Publisher>> Publisher::open(platform::Storage& storage, Log& log, NoteSigner signer,
                                                   WitnessPolicy policy) {
  const std::size_t count = policy.witnesses.size();
  if (count > limits::kWitnesses) return bad_policy(format("over {} of them", limits::kWitnesses));
  if (policy.quorum > count || (count > 0 && policy.quorum == 0))
    return bad_policy(format("expected a quorum of 1 to {}, found {}", count, policy.quorum));
  for (std::size_t i = 0; i < count; ++i) {
    if (policy.witnesses[i].type != SignatureType::cosignature)
      return bad_policy(format("{} has no key for cosignatures", policy.witnesses[i].name));
    for (std::size_t j = 0; j < i; ++j) {
      if (policy.witnesses[i].key == policy.witnesses[j].key)
        return bad_policy(format("{} and {} are one key", policy.witnesses[j].name, policy.witnesses[i].name));
    }
  }
  std::unique_ptr<Publisher> publisher(new Publisher(storage, log, std::move(signer), std::move(policy)));
  MW_TRY(publisher->load());
  publisher->state_ = count == 0 ? State::open : State::asking;
  if (count > 0) publisher->reason_ = format("waits for {} of its witnesses to answer", publisher->enough());
  return publisher;
}

Status Publisher::load() {
  const auto text = storage_.load(kFile, limits::kNoteBytes);
  if (!text.ok()) {
    if (text.error().kind == ErrorKind::not_found) return ok();
    return text.error();
  }
  auto stored = parse_signed_checkpoint(*text);
  if (!stored.ok() || stored->checkpoint.origin != origin())
    return Error{ErrorKind::damaged, kFile, format("is no checkpoint of {}", origin())};
  const Checkpoint& checkpoint = stored->checkpoint;
  if (checkpoint.size > log_.size())
    return Error{ErrorKind::damaged, kFile, format("says {} entries, the log has {}", checkpoint.size, log_.size())};
  auto nodes = log_.nodes(checkpoint.size);
  const auto root = tree_root(nodes, checkpoint.size);
  MW_TRY(root);
  if (*root != checkpoint.root)
    return Error{ErrorKind::damaged, kFile,
                 format("the log's first {} entries are not those that it published", checkpoint.size)};
  published_ = *std::move(stored);
  return ok();
}

std::size_t Publisher::enough() const {
  return std::max(policy_.quorum, policy_.witnesses.size() - policy_.quorum + 1);
}

std::uint64_t Publisher::final_size() const {
  return published_ && policy_.quorum > 0 ? published_->checkpoint.size : 0;
}

void Publisher::refuse(std::string why) {
  state_ = State::refused;
  reason_ = std::move(why);
  candidate_.reset();
  for (auto& peer : peers_) peer.owes = false;
}

Status Publisher::begin(bool again) {
  if (state_ == State::refused) return ok();
  const std::uint64_t size = log_.durable_size();
  const bool running = std::any_of(peers_.begin(), peers_.end(), [](const Peer& peer) { return peer.owes; });
  // One witness that does not answer must not keep the others from telling the time anew.
  const bool published = round_ > 0 && published_round_ == round_;
  if (running && candidate_ && candidate_->checkpoint.size == size && !(again && published)) return ok();
  const bool news = !published_ || published_->checkpoint.size != size || state_ == State::asking;
  if (!news && !again) return ok();
  candidate_ = sign_checkpoint(signer_, {origin(), size, log_.root(), {}});
  ++round_;
  for (auto& peer : peers_) peer.owes = true;
  if (peers_.empty()) return publish();
  return ok();
}

std::optional<std::string> Publisher::request_for(std::size_t witness) {
  MW_ASSERT(witness < peers_.size());
  const Peer& peer = peers_[witness];
  if (!candidate_ || !peer.owes) return std::nullopt;
  auto nodes = log_.nodes(candidate_->checkpoint.size);
  const auto proof = consistency_proof(nodes, peer.size, candidate_->checkpoint.size);
  // The tiles cannot be read: nothing can be asked for now, and the log's own errors say why.
  if (!proof.ok()) return std::nullopt;
  const Note note{candidate_->note.text, {candidate_->note.signatures[0]}};
  return format_add_checkpoint(peer.size, *proof, note);
}

Status Publisher::answered(std::size_t witness, int status, std::string_view body) {
  MW_ASSERT(witness < peers_.size());
  if (!candidate_ || !peers_[witness].owes) return ok();  // late: what it was about is over
  if (status == 200) return accept(witness, body);
  if (status == 409) return conflict(witness, body);
  if (status == 422)
    refuse(format("witness {} has seen another history: its tree of {} entries is not the beginning of this log",
                  policy_.witnesses[witness].name, peers_[witness].size));
  return ok();  // anything else is its own trouble; it may be asked again
}

Status Publisher::accept(std::size_t witness, std::string_view lines) {
  const auto signatures = parse_signature_lines(lines);
  if (!signatures.ok()) return ok();
  const Note answer{candidate_->note.text, *signatures};
  const auto verified = verify_note(answer, std::span(&policy_.witnesses[witness], 1));
  if (!verified.ok() || verified->empty()) return ok();  // not what was asked for
  Peer& peer = peers_[witness];
  peer.owes = false;
  peer.confirmed = true;
  peer.size = candidate_->checkpoint.size;
  candidate_->note.signatures.push_back(answer.signatures[verified->front().signature]);
  const auto confirmed = static_cast<std::size_t>(
      std::count_if(peers_.begin(), peers_.end(), [](const Peer& one) { return one.confirmed; }));
  if (state_ == State::asking && confirmed >= enough()) {
    state_ = State::open;
    reason_.clear();
  }
  // Its own signature is the first one. Before the log is open its tree may be an old copy's, behind what was published.
  if (state_ == State::open && candidate_->note.signatures.size() - 1 >= policy_.quorum) return publish();
  return ok();
}

Status Publisher::conflict(std::size_t witness, std::string_view body) {
  Peer& peer = peers_[witness];
  if (!body.empty() && body.back() == '\n') body.remove_suffix(1);
  const auto size = parse_tree_size(body, "size");
  if (!size.ok()) return ok();
  const std::string& name = policy_.witnesses[witness].name;
  if (*size > log_.durable_size()) {
    refuse(
        format("witness {} has seen {} entries of this log, here are {}: this is an older copy of its data, or "
               "another host has its key",
               name, *size, log_.durable_size()));
    return ok();
  }
  if (*size > candidate_->checkpoint.size) return begin(true);  // it knows a tree that we signed later
  if (*size == peer.size && *size == candidate_->checkpoint.size) {
    refuse(format("witness {} has seen another tree of {} entries than this log's", name, *size));
    return ok();
  }
  peer.size = *size;
  return ok();
}

Status Publisher::publish() {
  MW_TRY(storage_.replace(kFile, format_note(candidate_->note)));
  published_ = candidate_;
  published_round_ = round_;
  return ok();
}

}  // namespace mw::records
