// Extended XYZ: text that ASE and OVITO read.
#include <algorithm>
#include <array>
#include <string>

#include "geometry/element_symbols.hpp"
#include "trajectory/extxyz_text.hpp"
#include "trajectory/frame_format.hpp"

namespace mofkernel {
namespace {

// Decimals of the columns. A trajectory is for analysis, a run goes on from its checkpoint: 1e-8 A is far below any
// thermal motion, and thermal velocities, some 1e-3 A/fs, get as many digits with two decimals more.
constexpr int kPositionDecimals = 8;
constexpr int kVelocityDecimals = 10;
constexpr int kForceDecimals = 8;

class ExtxyzFormat final : public FrameFormat {
 public:
  explicit ExtxyzFormat(const Structure& structure)
      : first_line_(std::to_string(structure.n_atoms()) + "\n"), pbc_(structure.pbc) {
    for (const int atomic_number : structure.atomic_numbers) symbols_.push_back(symbol_of(atomic_number));
  }

  void write_start(OutputFile& /*file*/) const override {}

  void write_frame(const MdSample& sample, OutputFile& file) const override {
    constexpr std::size_t kUsualLineLength = 140;
    std::string text = first_line_;
    text.reserve(kUsualLineLength * (symbols_.size() + 4));
    append_comment(text, sample);
    for (std::size_t i = 0; i < symbols_.size(); ++i) {
      text.append(symbols_[i]);
      append_rounded_columns(text, sample.positions[i], kPositionDecimals);
      append_rounded_columns(text, sample.velocities[i], kVelocityDecimals);
      append_rounded_columns(text, sample.forces[i], kForceDecimals);
      text.push_back('\n');
    }
    file.append(std::as_bytes(std::span(text)));
  }

  [[nodiscard]] bool fits(const std::filesystem::path& path, std::int64_t n_bytes) const override {
    const auto first_line = read_part(path, 0, first_line_.size());
    const auto last_byte = read_part(path, n_bytes - 1, 1);
    return std::ranges::equal(first_line, std::as_bytes(std::span(first_line_))) &&
           std::ranges::equal(last_byte, std::array{std::byte{'\n'}});
  }

 private:
  void append_comment(std::string& out, const MdSample& sample) const {
    append_lattice(out, sample.cell, pbc_);
    out.append("Properties=species:S:1:pos:R:3:velocities_A_fs:R:3:forces:R:3");
    append_key(out, "energy", sample.potential_energy_eV);
    append_key(out, "kinetic_energy_eV", sample.kinetic_energy_eV);
    append_key(out, "conserved_energy_eV", sample.conserved_energy_eV);
    append_key(out, "temperature_k", sample.temperature_k);
    if (sample.pressure_eV_A3) append_key(out, "pressure_eV_A3", *sample.pressure_eV_A3);
    out.append(" step=").append(std::to_string(sample.step));
    append_key(out, "time_fs", sample.time_fs);
    append_pbc(out, pbc_);
    out.push_back('\n');
  }

  std::string first_line_;
  std::array<bool, 3> pbc_;
  std::vector<std::string_view> symbols_;
};

}  // namespace

std::unique_ptr<FrameFormat> make_extxyz_format(const Structure& structure) {
  return std::make_unique<ExtxyzFormat>(structure);
}

}  // namespace mofkernel
