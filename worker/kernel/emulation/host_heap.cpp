// All of operator new and delete, on a range of addresses that can be closed with one call. Blocks are powers of two;
// a free one waits in the list of its size. The sanitizers bring their own and keep it.
#include "host_heap.hpp"

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <sys/mman.h>

#include "report.hpp"
#include "sanitizers.hpp"

namespace mofkernel::emulation {

namespace {

constexpr std::size_t kHeapBytes = std::size_t{1} << 38;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kReturnedToSystem = std::size_t{1} << 20;

/// Stands before what is given away.
struct Header {
  char* block;
  std::uint64_t size_class;
};

std::mutex mutex;
char* heap = nullptr;
char* unused = nullptr;
char* free_blocks[64] = {};
std::atomic<bool> is_heap_open = true;

char* take_block(int size_class) {
  const std::lock_guard lock(mutex);
  if (heap == nullptr) {
    void* const place =
        mmap(nullptr, kHeapBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED) return nullptr;
    heap = unused = static_cast<char*>(place);
  }
  char*& first = free_blocks[size_class];
  if (first != nullptr) {
    char* const block = first;
    first = *reinterpret_cast<char**>(block);
    return block;
  }
  const std::size_t bytes = std::size_t{1} << size_class;
  if (bytes > static_cast<std::size_t>(heap + kHeapBytes - unused)) return nullptr;
  char* const block = unused;
  unused += bytes;
  return block;
}

[[maybe_unused]] void* take(std::size_t bytes, std::size_t alignment) noexcept {
  if (bytes > kHeapBytes) return nullptr;
  const std::size_t room = bytes + alignment + sizeof(Header);
  const int size_class = std::bit_width(room - 1);
  char* const block = take_block(size_class);
  if (block == nullptr) return nullptr;
  const auto first = reinterpret_cast<std::uintptr_t>(block) + sizeof(Header);
  char* const data = reinterpret_cast<char*>((first + alignment - 1) / alignment * alignment);
  reinterpret_cast<Header*>(data)[-1] = {block, static_cast<std::uint64_t>(size_class)};
  return data;
}

[[maybe_unused]] void give_back(void* data) noexcept {
  if (data == nullptr) return;
  const Header header = static_cast<Header*>(data)[-1];
  const std::size_t bytes = std::size_t{1} << header.size_class;
  if (bytes >= kReturnedToSystem) {
    const auto first = (reinterpret_cast<std::uintptr_t>(header.block) + kPage - 1) / kPage * kPage;
    madvise(reinterpret_cast<void*>(first), bytes - kPage, MADV_DONTNEED);
  }
  const std::lock_guard lock(mutex);
  *reinterpret_cast<char**>(header.block) = free_blocks[header.size_class];
  free_blocks[header.size_class] = header.block;
}

void protect(int how) {
  if (heap == nullptr) return;
  const auto bytes = static_cast<std::size_t>(unused - heap + static_cast<std::ptrdiff_t>(kPage) - 1) / kPage * kPage;
  mprotect(heap, bytes, how);
}

}  // namespace

void open_host_heap() {
  if (is_heap_open) return;
  protect(PROT_READ | PROT_WRITE);
  is_heap_open = true;
}

void close_host_heap() {
  if (!is_heap_open || kFindsRaces || kChecksAddresses) return;
  is_heap_open = false;
  protect(PROT_NONE);
}

bool is_host_heap(const void* place) {
  const char* const address = static_cast<const char*>(place);
  return heap != nullptr && address >= heap && address < heap + kHeapBytes;
}

bool is_host_heap_open() { return is_heap_open; }

#if !defined(MOFK_EMULATED_THREADS_SANITIZED) && !defined(__SANITIZE_ADDRESS__)
namespace {

void* take_or_throw(std::size_t bytes, std::size_t alignment) {
  void* const data = take(bytes, alignment);
  if (data == nullptr) throw std::bad_alloc();
  return data;
}

constexpr std::size_t kPlainAlignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

}  // namespace
#endif

}  // namespace mofkernel::emulation

#if !defined(MOFK_EMULATED_THREADS_SANITIZED) && !defined(__SANITIZE_ADDRESS__)
// The forms for arrays and those with sizes call these.
void* operator new(std::size_t bytes) {
  return mofkernel::emulation::take_or_throw(bytes, mofkernel::emulation::kPlainAlignment);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return mofkernel::emulation::take_or_throw(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return mofkernel::emulation::take(bytes, mofkernel::emulation::kPlainAlignment);
}
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return mofkernel::emulation::take(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* data) noexcept { mofkernel::emulation::give_back(data); }
void operator delete(void* data, std::size_t) noexcept { mofkernel::emulation::give_back(data); }
void operator delete(void* data, std::align_val_t) noexcept { mofkernel::emulation::give_back(data); }
void operator delete(void* data, std::size_t, std::align_val_t) noexcept { mofkernel::emulation::give_back(data); }
#endif
