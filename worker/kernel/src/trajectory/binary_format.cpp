// The viewer's format: fixed-size frames, so that any of them is found without reading the others.
#include <algorithm>

#include "files/bytes.hpp"
#include "files/crc32.hpp"
#include "trajectory/frame_format.hpp"

namespace mofkernel {
namespace {

// As a checkpoint's, with another letter.
constexpr std::string_view kMagic = "\x89MOFJ\r\n\x1a";
constexpr std::uint32_t kFormatVersion = 1;
constexpr std::size_t kAlignment = 8;
/// Step, time, potential energy, temperature, cell.
constexpr std::size_t kSizeOfScalars = 4 * 8 + 9 * 8;
constexpr std::size_t kSizeOfChecksum = sizeof(std::uint32_t);

void append_checksum(Bytes& bytes) { append_value(bytes, crc32(bytes)); }

bool has_checksum(std::span<const std::byte> bytes) {
  const std::size_t end = bytes.size() - kSizeOfChecksum;
  return value_at<std::uint32_t>(bytes, end) == crc32(bytes.first(end));
}

Bytes make_header(const Structure& structure, std::size_t frame_bytes) {
  constexpr std::size_t kSizeOfStart = 28;
  const std::size_t n_atoms = structure.atomic_numbers.size();
  const std::size_t used = kSizeOfStart + n_atoms + kSizeOfChecksum;
  const std::size_t header_bytes = (used + kAlignment - 1) / kAlignment * kAlignment;
  Bytes bytes;
  append_text(bytes, kMagic);
  append_value(bytes, kFormatVersion);
  append_value(bytes, static_cast<std::uint32_t>(header_bytes));
  append_value(bytes, static_cast<std::uint32_t>(n_atoms));
  append_value(bytes, static_cast<std::uint32_t>(frame_bytes));
  for (const bool is_periodic : structure.pbc) append_value(bytes, static_cast<std::uint8_t>(is_periodic ? 1 : 0));
  append_value(bytes, std::uint8_t{0});
  for (const int atomic_number : structure.atomic_numbers)
    append_value(bytes, static_cast<std::uint8_t>(atomic_number));
  bytes.resize(header_bytes - kSizeOfChecksum);
  append_checksum(bytes);
  return bytes;
}

class BinaryFormat final : public FrameFormat {
 public:
  explicit BinaryFormat(const Structure& structure)
      : frame_bytes_(kSizeOfScalars + structure.atomic_numbers.size() * 3 * sizeof(float) + kSizeOfChecksum),
        header_(make_header(structure, frame_bytes_)) {}

  void write_start(OutputFile& file) const override { file.append(header_); }

  void write_frame(const MdSample& sample, OutputFile& file) const override {
    Bytes bytes;
    bytes.reserve(frame_bytes_);
    append_value(bytes, sample.step);
    append_value(bytes, sample.time_fs);
    append_value(bytes, sample.potential_energy_eV);
    append_value(bytes, sample.temperature_k);
    for (const auto& row : sample.cell) append_values(bytes, std::span<const double>(row));
    for (const auto& position : sample.positions) {
      for (const double x : position) append_value(bytes, static_cast<float>(x));
    }
    append_checksum(bytes);
    file.append(bytes);
  }

  [[nodiscard]] bool fits(const std::filesystem::path& path, std::int64_t n_bytes) const override {
    const auto frames_bytes = n_bytes - static_cast<std::int64_t>(header_.size());
    const auto frame_bytes = static_cast<std::int64_t>(frame_bytes_);
    if (frames_bytes < 0 || frames_bytes % frame_bytes != 0) return false;
    if (!std::ranges::equal(read_part(path, 0, header_.size()), header_)) return false;
    return frames_bytes == 0 || has_checksum(read_part(path, n_bytes - frame_bytes, frame_bytes_));
  }

 private:
  std::size_t frame_bytes_;
  Bytes header_;
};

}  // namespace

std::unique_ptr<FrameFormat> make_binary_format(const Structure& structure) {
  return std::make_unique<BinaryFormat>(structure);
}

}  // namespace mofkernel
