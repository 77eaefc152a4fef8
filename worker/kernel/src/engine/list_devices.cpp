#include <fstream>
#include <sstream>
#include <string>

#ifdef _WIN32
#define NOMINMAX
#include <windows.h>
#else
#include <unistd.h>
#endif
#ifdef __APPLE__
#include <sys/sysctl.h>
#endif

#include "backend/backend.hpp"
#include "engine/device_engine.hpp"

namespace mofkernel {

namespace {

std::string cpu_name() {
#ifdef __APPLE__
  char name[256];
  std::size_t size = sizeof name;
  if (sysctlbyname("machdep.cpu.brand_string", name, &size, nullptr, 0) == 0) return name;
#elif !defined(_WIN32)
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
#endif
  return "CPU";
}

struct Memory {
  std::size_t total_bytes = 0;
  std::size_t free_bytes = 0;
};

Memory host_memory() {
#ifdef _WIN32
  MEMORYSTATUSEX status;
  status.dwLength = sizeof status;
  if (GlobalMemoryStatusEx(&status) != 0) return {status.ullTotalPhys, status.ullAvailPhys};
  return {};
#else
  Memory memory;
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  memory.total_bytes = static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * page;
  memory.free_bytes = memory.total_bytes;
  // Memory that the file cache would give back counts as free; only Linux says how much that is.
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("MemAvailable:")) continue;
    std::size_t kibibytes = 0;
    std::istringstream(line.substr(13)) >> kibibytes;
    memory.free_bytes = kibibytes * 1024;
  }
  return memory;
#endif
}

}  // namespace

std::size_t free_host_memory() { return host_memory().free_bytes; }

DeviceList list_devices() {
  const Memory memory = host_memory();
  DeviceList list;
  list.devices.push_back({.device = "cpu",
                          .name = cpu_name(),
                          .uuid = "",
                          .memory_total_bytes = memory.total_bytes,
                          .memory_free_bytes = memory.free_bytes,
                          .compute_capability = "",
                          .n_threads = cpu::Context().n_threads()});
#ifdef MOFK_WITH_CUDA
  list.cuda_unavailable_reason = cuda::append_devices(list.devices);
#endif
  return list;
}

}  // namespace mofkernel
