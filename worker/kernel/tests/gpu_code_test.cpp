// The program as built must hold machine code for every GPU architecture it claims; with PTX alone it would compile at
// the first start, or not run at all. The CUDA toolkit's own tool for this (cuobjdump) is a package of its own that few
// have.
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "check.hpp"

namespace mofkernel {

namespace {

#ifdef MOFK_WITH_CUDA
constexpr const char* kArchitectures = MOFK_CUDA_ARCHITECTURES;
#else
constexpr const char* kArchitectures = "";
#endif

template <class T>
T read_at(const std::vector<char>& bytes, std::size_t offset) {
  T value{};
  if (offset + sizeof value <= bytes.size()) std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

/// Architectures of the machine code in the program's fat binaries, as CUDA 13 writes them: a container of 16 bytes
/// (magic, version, header size, content size) and in it entries (kind, …, header size, content size, …, architecture).
std::set<int> machine_code_architectures(const std::vector<char>& program) {
  constexpr std::uint32_t kMagic = 0xBA55ED50;
  constexpr std::size_t kContainerHeader = 16;
  constexpr std::uint16_t kMachineCode = 2;
  std::set<int> architectures;
  for (std::size_t at = 0; at + kContainerHeader <= program.size(); at += 8) {
    if (read_at<std::uint32_t>(program, at) != kMagic || read_at<std::uint16_t>(program, at + 6) != kContainerHeader)
      continue;
    const std::size_t end = at + kContainerHeader + read_at<std::uint64_t>(program, at + 8);
    for (std::size_t entry = at + kContainerHeader; entry < end && end <= program.size();) {
      const auto header_size = read_at<std::uint32_t>(program, entry + 4);
      if (header_size == 0) break;
      if (read_at<std::uint16_t>(program, entry) == kMachineCode) {
        architectures.insert(static_cast<int>(read_at<std::uint32_t>(program, entry + 28)));
      }
      entry += header_size + read_at<std::uint64_t>(program, entry + 8);
    }
  }
  return architectures;
}

}  // namespace

TEST(every_gpu_architecture_is_inside) {
  if (std::string(kArchitectures).empty()) SKIP("built without CUDA");
  std::ifstream file(MOFK_PROGRAM, std::ios::binary);
  const std::vector<char> program{std::istreambuf_iterator<char>(file), {}};
  CHECK(!program.empty());
  const std::set<int> found = machine_code_architectures(program);
  std::istringstream wanted(kArchitectures);
  for (std::string name; wanted >> name;) {
    const int architecture = std::stoi(name);  // "75-real" and "120" alike
    if (!found.contains(architecture)) {
      check::fail(__FILE__, __LINE__, "no machine code for sm_" + std::to_string(architecture));
    }
  }
}

}  // namespace mofkernel
