// Every limit of the host, in one place, related by compile-time assertions. A limit that an operator may lower is a
// configuration option whose maximum stands here. Units are in the names.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mw::limits {

// Time
inline constexpr int kTickHz = 20;  // poses, at level 0
inline constexpr int kTickMs = 1000 / kTickHz;
inline constexpr int kMotionStepHz = 60;      // the rules of movement advance in steps of 1/60 s
inline constexpr int kGroupMaxTicks = 20;     // a group of poses opens at least once a second
inline constexpr int kPresenceGraceMs = 60'000;  // how long a visitor whose link broke stays in the world
inline constexpr int kFarewellGraceMs = 5'000;   // and one who closed the page, or is loading it again
static_assert(kFarewellGraceMs < kPresenceGraceMs);
static_assert(1000 % kTickHz == 0, "the tick is a whole number of milliseconds");

// Space
inline constexpr int kWorldExtentM = 4096;  // positions lie within +/- this on every axis
inline constexpr int kPoseUnitMm = 10;      // poses go out in centimetres
inline constexpr int kClaimUnitMm = 1;      // and come in in millimetres

// Worlds
inline constexpr std::size_t kWorldsPerHost = 64;
inline constexpr std::size_t kVisitorsPerWorld = 10'000;   // upper bound of `capacity`
inline constexpr std::size_t kWalkersPerWorld = 68'000;    // simulated people, spectators included
inline constexpr std::size_t kAvatarsPerWorld = 70'000;      // in one space: a full stadium
inline constexpr std::size_t kPosesPerFrame = 12'000;        // of one poses track: a frame holds at most 1 MiB
static_assert(kPosesPerFrame <= kAvatarsPerWorld);
inline constexpr std::size_t kQueuePerWorld = 10'000;      // visitors who wait for a place
inline constexpr std::size_t kEntitiesPerWorld = 20'000;   // things that edits have added
inline constexpr std::size_t kPortalsPerWorld = 64;
inline constexpr std::size_t kUndoPerVisitor = 200;        // steps of undo kept for each editor
inline constexpr std::size_t kSceneFileBytes = 256u << 20;
inline constexpr std::size_t kCollisionTriangles = 2'000'000;

// Models that creators bring (glTF)
inline constexpr std::size_t kModelItems = 100'000;           // of each kind: nodes, accessors, buffer views, meshes
inline constexpr std::size_t kModelAssets = 4'096;  // of each kind: materials, textures, images, clips, skins, lights
inline constexpr std::size_t kModelTriangles = 5'000'000;  // drawn, instances counted
inline constexpr std::size_t kModelVertices = 8'000'000;  // stored
inline constexpr std::size_t kModelJsonBytes = 32u << 20;
inline constexpr std::uint32_t kTextureSide = 8'192;  // pixels
static_assert(kModelJsonBytes <= kSceneFileBytes);

// Own figures: what people upload to be seen as (gltf/avatar.h has the ranks below these)
inline constexpr std::size_t kAvatarBytes = 16u << 20;  // of the file
inline constexpr std::size_t kAvatarTriangles = 150'000;
inline constexpr std::size_t kAvatarVertices = 300'000;
inline constexpr std::size_t kAvatarMaterials = 32;
inline constexpr std::size_t kAvatarJoints = 512;  // of all skins, each once
inline constexpr std::size_t kAvatarNodes = 2'048;
inline constexpr std::size_t kAvatarTextures = 64;
inline constexpr std::uint32_t kAvatarTextureSide = 4'096;  // pixels
inline constexpr std::size_t kAvatarTextureBytes = 512u << 20;  // of all, on a graphics card, mip levels included
inline constexpr int kAvatarHeightLeastMm = 500, kAvatarHeightMostMm = 3'000;
inline constexpr std::size_t kAvatarTextBytes = 256;  // of each text of a licence
inline constexpr std::size_t kAvatarAuthors = 8;
static_assert(kAvatarBytes <= kSceneFileBytes && kAvatarTextureSide <= kTextureSide);
static_assert(kAvatarTriangles <= kModelTriangles && kAvatarVertices <= kModelVertices);

// The crowd
inline constexpr std::size_t kCellSplit = 160;  // people; a cell with more becomes four
inline constexpr std::size_t kCellMerge = 80;  // four cells with less between them become one
inline constexpr int kCellSideM = 4;  // a cell of this side is split by entity, no longer by place
inline constexpr int kNearM = 20;  // so near, everybody is shown at level 0 at the tick rate
// A person of 1.75 m is 24 pixels high on a screen of 1,080 lines at 1080 * 1.75 / (2 * 24 * tan(60 degrees / 2)) = 68.2 m, at the field
// of view of a browser's camera. Only those farther than that are shown as an aggregate; the 12 m more are what two people who run at
// each other cover between two looks at who stands where.
inline constexpr int kAggregateM = 80;
inline constexpr std::size_t kFarIndividuals =
    6'000;  // beyond kAggregateM, so many at most are shown each by themselves
static_assert(kAggregateM > kNearM);
inline constexpr std::int64_t kViewerBandwidth =
    1'000'000;  // bit/s for the poses that one viewer gets, unless configured
inline constexpr std::int64_t kViewerBandwidthMin = 64'000;
inline constexpr std::int64_t kViewerBandwidthMax = 100'000'000;
static_assert(kCellMerge * 2 <= kCellSplit, "or cells would split and merge in turn");
static_assert(kCellSplit / 32 < kGroupMaxTicks);

// Connections
inline constexpr std::size_t kSessionsPerHost = 20'000;
inline constexpr std::size_t kSubscriptionsPerSession = 32;
inline constexpr std::size_t kHttpHeaderBytes = 16u << 10;
inline constexpr std::size_t kCallBytes = 256u << 10;  // one JSON-RPC request or batch, WebSocket or HTTP
inline constexpr std::size_t kUpstreamFrameBytes = 1u << 10;  // one binary message from a client
inline constexpr std::size_t kWebSocketMessageBytes = kCallBytes;
inline constexpr std::size_t kDownstreamFrameBytes = 1u << 20;
inline constexpr std::size_t kOrderedBacklogFrames = 1024;  // an ordered track keeps this many for slow subscribers
inline constexpr std::size_t kOrderedBacklogBytes = 4u << 20;
inline constexpr std::size_t kSendBacklogBytes =
    1u << 20;  // unsent replies and snapshots of one session; over it: cut off
inline constexpr int kHandshakeMs = 10'000;  // request line to complete headers, TLS included
inline constexpr int kHttpIdleMs = 30'000;
inline constexpr int kSessionSilentMs = 45'000;  // no byte from a client, pings unanswered
inline constexpr int kPingMs = 15'000;
inline constexpr int kCloseMs = 2'000;  // from a close frame to the end of the connection
inline constexpr int kDrainMs = 5'000;  // a graceful end takes at most this
inline constexpr int kEdgeLoops = 64;
inline constexpr std::size_t kEdgeCommands = 1u
                                             << 14;  // from the control loop to one edge; then the control loop waits
inline constexpr std::size_t kConnectionsPerHost = kSessionsPerHost + 1'000;  // some room for plain requests
inline constexpr std::size_t kConnectionsPerAddress = 256;  // a school or an office behind one address
inline constexpr std::size_t kConnectionBytes = 64u << 10;  // memory of a connected visitor, buffers included
static_assert(kUpstreamFrameBytes <= kWebSocketMessageBytes);
static_assert(kPingMs * 2 < kSessionSilentMs);
static_assert(kCloseMs < kDrainMs);

// Quotas of one session, refilled continuously
inline constexpr int kCallsPerSecond = 30;
inline constexpr int kCallsBurst = 120;
inline constexpr int kClaimsPerSecond = 30;  // a client sends at most 20; clocks and bunching account for the rest
inline constexpr int kClaimsBurst = 60;
inline constexpr int kMessagesPerSecond = 120;  // of any kind; over it a client floods, and is closed
inline constexpr int kMessagesBurst = 600;
inline constexpr std::size_t kUpstreamBytesPerSecond = 64u << 10;  // likewise
inline constexpr std::size_t kUpstreamBytesBurst = 1u << 20;
inline constexpr int kBatchCalls = 50;  // calls in one JSON-RPC batch
inline constexpr int kJsonDepth = 32;
inline constexpr std::size_t kPatternStringBytes = 2'048;  // longest string that a schema with patterns lets through
inline constexpr std::size_t kTomlBytes = 1u << 20;  // one world.toml or configuration file
static_assert(kClaimsBurst + kCallsBurst < kMessagesBurst);
static_assert(kCallBytes * 2 < kUpstreamBytesBurst);

// Text that people write
inline constexpr std::size_t kNameBytes = 64;  // UTF-8
inline constexpr std::size_t kNameChars = 24;  // Unicode scalar values
inline constexpr std::size_t kChatBytes = 2'000;
inline constexpr std::size_t kChatChars = 500;
inline constexpr std::size_t kChatHistory = 100;

// Storage
inline constexpr std::size_t kJournalBatch = 4'096;  // edits in one transaction
inline constexpr std::size_t kEditBytes = 16u << 10;
inline constexpr std::size_t kJournalEntriesKept = 100'000;  // per stream, older ones are folded into the snapshot
inline constexpr std::size_t kDatabaseBytesDefault = std::size_t{4} << 30;
inline constexpr std::size_t kLogFileBytesDefault = 64u << 20;
inline constexpr std::size_t kStoreQueueBatches = 4'096;  // waiting for the store thread; over it: `unavailable`
inline constexpr std::size_t kStoreQueueBytes = 32u << 20;
inline constexpr std::size_t kValueBytes = 64u << 10;  // one value beside the streams
inline constexpr std::size_t kKeyBytes = 256;  // its key, and the name of a stream
inline constexpr std::size_t kSnapshotBytes = 512u << 20;  // one folded state of a stream
static_assert(kEditBytes < kCallBytes);
static_assert(kEntitiesPerWorld * kEditBytes <= kSnapshotBytes);

// The append-only log, its checkpoints and its witnesses
inline constexpr std::size_t kLogEntryBytes = 65'535;  // C2SP tlog-tiles: a length of two bytes
inline constexpr std::size_t kLogBatchEntries = 8'192;  // share one sync of the disk
inline constexpr std::size_t kLogBatchBytes = 4u << 20;
inline constexpr std::size_t kLogQueueEntries = 65'536;  // waiting for the log's thread; over it: `unavailable`
inline constexpr std::size_t kLogQueueBytes = 32u << 20;
inline constexpr std::uint64_t kLogMarkEntries = 65'536;  // at most so many entries are read again at a start
inline constexpr std::size_t kNoteBytes = 32u << 10;  // one signed note
inline constexpr std::size_t kNoteSignatures = 64;  // C2SP signed-note asks for 16 or more
inline constexpr std::size_t kNoteNameBytes = 255;  // of a key or an origin
inline constexpr std::size_t kProofHashes = 63;  // C2SP tlog-witness
inline constexpr std::size_t kAddCheckpointBytes = kNoteBytes + 4'096;  // proof and checkpoint, as a witness takes them
inline constexpr std::size_t kWitnesses = 32;  // that one log asks
inline constexpr int kCheckpointMs = 500;  // how often a log looks for what its witnesses should see
inline constexpr std::int64_t kCheckpointFreshMs = 60'000;  // a log that rests has its time cosigned so often
inline constexpr int kWitnessRetryMs = 60'000;  // longest wait before a witness that fails is asked again
inline constexpr std::size_t kWitnessedLogs = 256;  // that one host cosigns
inline constexpr std::size_t kTileHashes = 256;
inline constexpr std::size_t kBundleBytes = kTileHashes * (kLogEntryBytes + 2);
static_assert(kLogBatchBytes >= kLogEntryBytes + 2);
static_assert(kLogBatchBytes <= kLogQueueBytes);
static_assert(kProofHashes * 45 + 32 <= 4'096, "a proof of so many lines fits beside the note");

// Trust
inline constexpr std::size_t kOperatorLinks = 64;  // one-time links not yet claimed; the oldest goes
inline constexpr std::size_t kOperatorBearers = 256;  // operators' tokens in force
inline constexpr std::size_t kBans = 10'000;  // the one that ends first goes
inline constexpr std::int64_t kOperatorLinkMs = 24LL * 3600 * 1000;
inline constexpr std::int64_t kOperatorBearerMs = 90LL * 24 * 3600 * 1000;
inline constexpr std::int64_t kResumeMs = 30LL * 24 * 3600 * 1000;  // how long a guest may come back as themselves
inline constexpr int kBanMinutesMax = 60 * 24 * 365;
inline constexpr std::size_t kReasonBytes = 500;  // an operator's reason, UTF-8
inline constexpr std::size_t kQuotaKeys = 40'000;  // callers whose quota is remembered; the one idle longest goes
static_assert(kQuotaKeys >= kSessionsPerHost);

// The meter of quality of service
inline constexpr int kReportSeconds = 90;  // one report covers at most so much; clients send one a minute
inline constexpr int kReportLeastSeconds = 5;  // one that covers less says too little to count
inline constexpr int kQualityMinutes = 24 * 60;  // kept for each world
inline constexpr std::size_t kQualityRowBytes = 8u << 10;  // one kept minute
static_assert(kQualityRowBytes <= kValueBytes);

// Identity of others: what another host, or a person's home, may send
inline constexpr std::size_t kDidBytes = 512;  // one identifier, its fragment included
inline constexpr std::size_t kDidDocumentBytes = 64u << 10;
inline constexpr std::size_t kDidKeys = 32;  // verification methods of one document
inline constexpr std::size_t kProofsPerDocument = 8;
inline constexpr std::size_t kWebvhLogBytes = 1u << 20;  // the whole history of one person's identifier
inline constexpr std::size_t kWebvhEntries = 1'000;
inline constexpr std::size_t kWebvhKeys = 16;  // update keys, or hashes of the next ones, of one entry
inline constexpr std::size_t kWebvhWitnesses = 16;
inline constexpr std::size_t kWebvhWitnessFileBytes = 256u << 10;
inline constexpr std::size_t kSignatureFieldBytes = 8u << 10;  // one structured HTTP field
inline constexpr std::size_t kFieldMembers = 64;  // of a dictionary, an inner list, or the parameters of an item
inline constexpr std::size_t kSignaturesPerMessage = 4;
inline constexpr std::int64_t kSignatureMs = 60'000;  // how long the signature of a request is good
inline constexpr std::int64_t kClockSkewMs = 5'000;  // between the clocks of two hosts
inline constexpr std::int64_t kVisitMs = 120'000;  // from a destination's challenge to the arrival
inline constexpr std::size_t kVisitBytes = 32u << 10;  // a visit's credential, as JSON text
inline constexpr std::size_t kVisitCarried = 64;  // things in hand
inline constexpr std::size_t kVisitNonces = 100'000;  // spent ones that are remembered until they expire
inline constexpr std::size_t kVisitNoncesPerHome = kVisitNonces / 10;  // so that one home cannot shut out the others
inline constexpr std::size_t kTitleRecordBytes = 2'048;  // one record about a title, signatures included
inline constexpr std::size_t kTitlesPerLog = 250'000;  // that whoever follows a log keeps; about 100 MiB
inline constexpr std::size_t kTitleHistory = 64;  // steps of one title that are kept; older ones stand in the log
inline constexpr std::int64_t kLeaseMs = 10LL * 60 * 1000;  // of a visit with a thing; it may be renewed
inline constexpr std::int64_t kWitnessClockMs = 1'000;  // how wrong the median of cosignature times is taken to be
inline constexpr std::int64_t kClockCheckedMs = 60'000;  // for how long a clock that was right is taken to be
inline constexpr std::size_t kTitleWitnesses = 32;  // whose cosignatures one verifier counts
inline constexpr std::size_t kFetchBytes = kWebvhLogBytes;  // the body of an answer from an address that others named
inline constexpr int kFetchMs = 5'000;  // the whole of it, from the name to the last byte
static_assert(kDidDocumentBytes <= kFetchBytes && kWebvhWitnessFileBytes <= kFetchBytes);
static_assert(kVisitBytes < kCallBytes);
static_assert(kTitleRecordBytes <= kLogEntryBytes);
static_assert(kClockSkewMs % 1'000 == 0 && kLeaseMs % 1'000 == 0, "records and cosignatures tell seconds");
static_assert(kWitnessClockMs < kClockSkewMs);
static_assert(kLeaseMs > 4 * kClockSkewMs, "a lease is worth more than the skew that it loses at both ends");

// People whose home is this host
inline constexpr std::size_t kTravellers = 100'000;  // people of other homes who are known here
inline constexpr std::size_t kTravellersPerHome = kTravellers / 10;  // so that one home cannot use it up
inline constexpr std::size_t kTravelDocuments = 1'000;  // of other hosts, kept for kTravelDocumentMs
inline constexpr std::int64_t kTravelDocumentMs = 60'000;
inline constexpr std::size_t kTravelBans = 10'000;  // of hosts and of people
inline constexpr std::size_t kTravelConsents = 100;  // hosts that one person tells without being asked again
inline constexpr std::size_t kFetchQueue = 256;  // documents of others that are waited for, and at one host:
inline constexpr std::size_t kFetchQueuePerHost = 8;
inline constexpr std::size_t kFetchThreads = 4;
inline constexpr std::size_t kAccounts = 100'000;
inline constexpr std::size_t kPasskeysPerAccount = 16;
inline constexpr std::size_t kPasskeyIdBytes = 1'023;  // WebAuthn: "at most 1023 bytes"
inline constexpr std::size_t kClientDataBytes = 4u << 10;
inline constexpr std::size_t kAttestationBytes = 16u << 10;
inline constexpr std::size_t kChallengesPerSession = 8;  // not yet answered; the oldest goes
inline constexpr std::int64_t kChallengeMs = 5 * 60'000;
inline constexpr std::size_t kInvitations = 10'000;  // not yet used; over it: `rate_limited`
inline constexpr std::int64_t kInvitationMs = 10 * 60'000;

}  // namespace mw::limits
