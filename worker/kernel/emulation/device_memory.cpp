#include "device_memory.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <sys/mman.h>

#include "report.hpp"
#include "sanitizers.hpp"
#include "settings.hpp"
#include "unknown_bytes.hpp"

namespace mofkernel::emulation {

namespace {

constexpr std::size_t kArenaBytes = std::size_t{1} << 38;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kAlignment = 256;  // of what cudaMalloc gives
constexpr unsigned char kBeside = 0xa5;

/// Pages of its own, the last byte at their end as far as the alignment allows, and a page between any two.
struct Allocation {
  char* pages;
  char* data;
  std::size_t bytes;
  std::size_t page_bytes;

  [[nodiscard]] char* end() const { return pages + page_bytes; }
};

char* arena = nullptr;
char* unused = nullptr;
std::size_t used_bytes = 0;
bool is_open = false;
OpenVector<Allocation> living;  // ascending, as their addresses are
OpenVector<Allocation> freed;
OpenVector<char*> ajar;  // pages of the allocations that a copy has opened for itself

std::size_t round_up(std::size_t bytes, std::size_t to) { return (bytes + to - 1) / to * to; }

void protect(const Allocation& allocation, int how) { mprotect(allocation.pages, allocation.page_bytes, how); }

const Allocation* find(const OpenVector<Allocation>& among, const void* place) {
  const char* const address = static_cast<const char*>(place);
  const auto after = std::upper_bound(among.begin(), among.end(), address,
                                      [](const char* a, const Allocation& b) { return a < b.pages; });
  if (after == among.begin()) return nullptr;
  const Allocation& candidate = *(after - 1);
  return address < candidate.end() + kPage ? &candidate : nullptr;
}

bool is_untouched(const char* from, const char* to) {
  return std::all_of(from, to, [](char byte) { return static_cast<unsigned char>(byte) == kBeside; });
}

/// The allocation's pages are readable.
void check(const Allocation& allocation) {
  if (kChecksAddresses) return;
  if (!is_untouched(allocation.pages, allocation.data))
    fail("somebody has written before the allocation of %zu bytes at %p", allocation.bytes, allocation.data);
  if (!is_untouched(allocation.data + allocation.bytes, allocation.end()))
    fail("somebody has written behind the allocation of %zu bytes at %p", allocation.bytes, allocation.data);
}

}  // namespace

void* allocate_device_memory(std::size_t bytes) {
  if (arena == nullptr) {
    void* const place = mmap(nullptr, kArenaBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED) fail("no addresses for the device's memory");
    arena = unused = static_cast<char*>(place);
  }
  if (bytes == 0) return nullptr;
  if (bytes > free_device_bytes()) return nullptr;
  Allocation allocation;
  allocation.bytes = bytes;
  allocation.page_bytes = round_up(bytes, kPage);
  allocation.pages = unused + kPage;
  if (allocation.end() + kPage > arena + kArenaBytes) fail("the device has given away all of its addresses");
  allocation.data = allocation.end() - round_up(bytes, kAlignment);
  unused = allocation.end();
  used_bytes += bytes;
  protect(allocation, PROT_READ | PROT_WRITE);
  fill_unknown(allocation.data, bytes);
  std::fill(allocation.pages, allocation.data, static_cast<char>(kBeside));
  std::fill(allocation.data + bytes, allocation.end(), static_cast<char>(kBeside));
  forbid(allocation.pages, static_cast<std::size_t>(allocation.data - allocation.pages));
  forbid(allocation.data + bytes, static_cast<std::size_t>(allocation.end() - allocation.data) - bytes);
  if (!is_open) protect(allocation, PROT_NONE);
  living.push_back(allocation);
  return allocation.data;
}

bool free_device_memory(void* data) {
  const Allocation* const found = find(living, data);
  if (found == nullptr || found->data != data) return false;
  const Allocation allocation = *found;
  protect(allocation, PROT_READ);
  check(allocation);
  permit(allocation.pages, allocation.page_bytes);
  madvise(allocation.pages, allocation.page_bytes, MADV_DONTNEED);
  protect(allocation, PROT_NONE);
  used_bytes -= allocation.bytes;
  living.erase(living.begin() + (found - living.data()));
  freed.insert(std::upper_bound(freed.begin(), freed.end(), allocation,
                                [](const Allocation& a, const Allocation& b) { return a.pages < b.pages; }),
               allocation);
  return true;
}

std::size_t free_device_bytes() {
  const std::size_t total = settings().memory_mib << 20;
  return used_bytes < total ? total - used_bytes : 0;
}

void open_device_memory() {
  if (is_open || arena == nullptr) return;
  for (const Allocation& allocation : living) protect(allocation, PROT_READ | PROT_WRITE);
  is_open = true;
}

void close_device_memory() {
  if (is_open) {
    for (const Allocation& allocation : living) check(allocation);
    mprotect(arena, static_cast<std::size_t>(unused - arena), PROT_NONE);
  } else {
    for (const char* const pages : ajar) protect(*find(living, pages), PROT_NONE);
  }
  ajar.clear();
  is_open = false;
}

void use_device_memory(const void* place, std::size_t bytes, const char* what) {
  const Allocation* const found = find(living, place);
  const char* const first = static_cast<const char*>(place);
  if (found == nullptr || first < found->data || first + bytes > found->data + found->bytes)
    fail("%s of %zu bytes at %p: %s", what, bytes, place, describe_device_address(place));
  if (is_open || std::find(ajar.begin(), ajar.end(), found->pages) != ajar.end()) return;
  protect(*found, PROT_READ | PROT_WRITE);
  ajar.push_back(found->pages);
}

bool is_device_memory(const void* place) {
  const char* const address = static_cast<const char*>(place);
  return arena != nullptr && address >= arena && address < arena + kArenaBytes;
}

const char* describe_device_address(const void* place) {
  static char text[256];
  const char* const address = static_cast<const char*>(place);
  const Allocation* found = find(living, place);
  const char* state = "a living";
  if (found == nullptr) {
    found = find(freed, place);
    state = "a freed";
  }
  if (found == nullptr) return is_device_memory(place) ? "between allocations" : "no device memory";
  std::snprintf(text, sizeof text, "byte %td of %s allocation of %zu bytes", address - found->data, state,
                found->bytes);
  return text;
}

}  // namespace mofkernel::emulation
