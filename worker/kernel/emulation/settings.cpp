#include "settings.hpp"

#include <cstdlib>
#include <cstring>

#include "report.hpp"

namespace mofkernel::emulation {

namespace {

struct Name {
  const char* text;
  std::uint64_t Settings::* value;
};

constexpr Name kNames[] = {
    {"seed", &Settings::seed},
    {"memory_mib", &Settings::memory_mib},
    {"fail_allocation", &Settings::fail_allocation},
    {"lose_device", &Settings::lose_device},
};

/// Reads one "name=number" and gives what follows it.
const char* read_one(const char* text, Settings& settings) {
  for (const Name& name : kNames) {
    const std::size_t length = std::strlen(name.text);
    if (std::strncmp(text, name.text, length) != 0 || text[length] != '=') continue;
    char* end = nullptr;
    settings.*name.value = std::strtoull(text + length + 1, &end, 10);
    if (*end == ',') ++end;
    return end;
  }
  fail("MOFK_EMULATION takes seed, memory_mib, fail_allocation and lose_device, not \"%s\"", text);
}

Settings read() {
  Settings settings;
  const char* text = std::getenv("MOFK_EMULATION");
  while (text != nullptr && *text != '\0') text = read_one(text, settings);
  return settings;
}

}  // namespace

const Settings& settings() {
  static const Settings settings = read();
  return settings;
}

std::uint64_t next_random() {
  // splitmix64: Steele, Lea, Flood, OOPSLA 2014.
  static std::uint64_t state = settings().seed;
  std::uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace mofkernel::emulation
