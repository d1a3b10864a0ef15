// The files of one folder, as a store that must survive crashes needs them: written at a place, synced, replaced in one step.
// An interface, so that the simulation can put a disk under it that forgets what was not synced.
// Thread: any, one at a time for each file; `read` may run beside the others. Everything blocks: never on an event loop.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace mw::platform {

class StoredFile {
 public:
  virtual ~StoredFile() = default;
  virtual std::uint64_t size() const = 0;  // bytes, as last written or truncated here
  // Fills `out` as far as the file goes; fewer bytes only at its end. Error `unavailable`.
  virtual Result<std::size_t> read(std::uint64_t offset, std::span<Byte> out) const = 0;
  // All of it or an error: `full` (no space; a part may be there), `unavailable`.
  virtual Status write(std::uint64_t offset, ByteView bytes) = 0;
  virtual Status truncate(std::uint64_t size) = 0;
  // What was written is on disk when it returns. After an error nobody knows what is: the caller stops writing.
  virtual Status sync() = 0;
};

class Storage {
 public:
  virtual ~Storage() = default;
  // Opens, or makes an empty file whose name survives a power cut. Names are plain: no "/".
  virtual Result<std::unique_ptr<StoredFile>> open(const std::string& name) = 0;
  // The whole of a small file. Errors: `not_found`, `too_large`.
  virtual Result<std::string> load(const std::string& name, std::size_t max_bytes) = 0;
  // In one step, and on disk when it returns: after a crash there is the old content or the new.
  virtual Status replace(const std::string& name, std::string_view content) = 0;
};

// Of a folder of the file system, which is made when it is not there. Files are readable by their owner alone. Errors: as
// files.h.
Result<std::unique_ptr<Storage>> folder_storage(const std::string& folder);

}  // namespace mw::platform
