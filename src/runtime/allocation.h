// Counts allocations, for the proof that tick and fan-out do not allocate after warm-up. Including this header counts
// nothing; the program that wants to count puts MW_COUNT_ALLOCATIONS at namespace scope of one of its files (a test's, or the
// benchmark's), which replaces the global operator new.
// Thread: each thread has its own count.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MW_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define MW_SANITIZED 1
#endif
#endif

namespace mw::runtime {

// Sanitizers bring an operator new of their own: builds with one count nothing.
#ifdef MW_SANITIZED
inline constexpr bool kCountsAllocations = false;
#else
inline constexpr bool kCountsAllocations = true;
#endif

// Allocations by operator new on this thread so far; 0 for ever where nothing counts.
inline thread_local std::uint64_t allocations = 0;

inline void* counted_new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size != 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
inline void* counted_new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  const std::size_t align = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(align, (size + align - 1) / align * align)) return memory;
  throw std::bad_alloc();
}

// Counts what this thread allocates from its construction on.
class AllocationCount {
 public:
  AllocationCount() : start_(allocations) {}
  std::uint64_t count() const { return allocations - start_; }

 private:
  std::uint64_t start_;
};

}  // namespace mw::runtime

#ifdef MW_SANITIZED
#define MW_COUNT_ALLOCATIONS
#else
#define MW_COUNT_ALLOCATIONS                                                                                 \
  void* operator new(std::size_t size) { return ::mw::runtime::counted_new(size); }                          \
  void* operator new[](std::size_t size) { return ::mw::runtime::counted_new(size); }                        \
  void* operator new(std::size_t size, std::align_val_t a) { return ::mw::runtime::counted_new(size, a); }   \
  void* operator new[](std::size_t size, std::align_val_t a) { return ::mw::runtime::counted_new(size, a); } \
  void operator delete(void* memory) noexcept { std::free(memory); }                                         \
  void operator delete[](void* memory) noexcept { std::free(memory); }                                       \
  void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }                            \
  void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }                          \
  void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }                       \
  void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }                     \
  void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }          \
  void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
#endif
