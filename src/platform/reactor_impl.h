// What the files of platform/ share of Asio. Not for other folders.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <new>

#include "base/assert.h"
#include "platform/poller.h"
#include "platform/reactor.h"

namespace mw::platform {

struct Reactor::Impl {
  // One thread runs it and only that thread touches its sockets, so their locks are off; posting stays safe.
  boost::asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  Poller poller{context};  // of the streams
};

// Room for the one operation that is outstanding at a time, inside the object that waits: waiting again allocates nothing.
// Asio gives an operation's memory back before it calls the handler, so one place is enough.
class OperationMemory {
 public:
  void* take(std::size_t size) {
    if (in_use_ || size > memory_.size()) return ::operator new(size);
    in_use_ = true;
    return memory_.data();
  }
  void give_back(void* memory) {
    if (memory == memory_.data()) {
      in_use_ = false;
    } else {
      ::operator delete(memory);
    }
  }

 private:
  alignas(std::max_align_t) std::array<std::byte, 224> memory_;
  bool in_use_ = false;
};

template <class T>
class OperationAllocator {
 public:
  using value_type = T;
  explicit OperationAllocator(OperationMemory& memory) : memory_(&memory) {}
  template <class U>
  OperationAllocator(const OperationAllocator<U>& other) : memory_(other.memory_) {}  // NOLINT: an allocator converts

  T* allocate(std::size_t count) { return static_cast<T*>(memory_->take(sizeof(T) * count)); }
  void deallocate(T* memory, std::size_t) { memory_->give_back(memory); }
  friend bool operator==(const OperationAllocator&, const OperationAllocator&) = default;

 private:
  template <class>
  friend class OperationAllocator;
  OperationMemory* memory_;
};

// A handler whose operation lives in `memory`, which the function must keep alive (by holding its owner).
template <class Function>
struct PlacedHandler {
  using allocator_type = OperationAllocator<void>;
  OperationMemory* memory;
  Function function;
  allocator_type get_allocator() const noexcept { return allocator_type(*memory); }
  template <class... Arguments>
  void operator()(Arguments&&... arguments) {
    function(std::forward<Arguments>(arguments)...);
  }
};
template <class Function>
PlacedHandler<Function> placed(OperationMemory& memory, Function function) {
  return {&memory, std::move(function)};
}

}  // namespace mw::platform
