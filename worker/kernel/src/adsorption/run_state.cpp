#include "adsorption/run_state.hpp"

#include <bit>
#include <cstring>

#include "errors.hpp"

namespace mofkernel::adsorption {

namespace {

constexpr const char* kKind = "insertions";
constexpr int kVersion = 1;

/// FNV-1a, 64 bits. Source: Fowler, Noll, Vo, RFC 9923.
class Hash {
 public:
  template <class T>
  void add(const T& value) {
    static_assert(std::has_unique_object_representations_v<T> || std::is_floating_point_v<T>);
    unsigned char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    for (const unsigned char byte : bytes) state_ = (state_ ^ byte) * 0x100000001b3u;
  }
  template <class T>
  void add_all(const T& values) {
    for (const auto& value : values) add(value);
  }
  [[nodiscard]] std::int64_t value() const { return std::bit_cast<std::int64_t>(state_); }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325u;
};

/// Two floats, bit by bit, in one integer.
std::vector<std::int64_t> pack(std::span<const float> low, std::span<const float> high) {
  std::vector<std::int64_t> packed(low.size());
  for (std::size_t i = 0; i < low.size(); ++i) {
    packed[i] = std::bit_cast<std::int64_t>((std::uint64_t{std::bit_cast<std::uint32_t>(high[i])} << 32) |
                                            std::bit_cast<std::uint32_t>(low[i]));
  }
  return packed;
}

void unpack(std::span<const std::int64_t> packed, std::vector<float>& low, std::vector<float>& high) {
  for (const std::int64_t both : packed) {
    const auto bits = std::bit_cast<std::uint64_t>(both);
    low.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    high.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits >> 32)));
  }
}

}  // namespace

std::int64_t fingerprint(const Structure& framework, const uff4mof::Terms& host, std::span<const double> charges,
                         const electrostatics::Options& electrostatics, const InsertionOptions& options) {
  Hash hash;
  for (const auto& row : framework.cell) hash.add_all(row);
  for (const auto& position : framework.positions) hash.add_all(position);
  hash.add_all(framework.atomic_numbers);
  hash.add_all(host.lj_type);
  hash.add_all(host.lj_epsilon_eV);
  hash.add_all(host.lj_x_A);
  hash.add_all(charges);
  hash.add(electrostatics.method);
  hash.add(electrostatics.cutoff_A);
  hash.add(electrostatics.relative_accuracy);
  hash.add(electrostatics.damping_per_A);
  for (const AdsorbateSite& site : options.adsorbate.sites) {
    hash.add_all(site.position);
    hash.add(site.epsilon_eV);
    hash.add(site.sigma_A);
    hash.add(site.charge_e);
  }
  hash.add(options.mode);
  hash.add(options.cutoff_A);
  hash.add(options.tail_correction);
  hash.add(options.temperature_k);
  hash.add(options.seed);
  hash.add(options.n_insertions);
  hash.add(options.spacing_A);
  hash.add(options.n_orientations);
  hash.add(options.n_lowest);
  return hash.value();
}

Checkpoint to_checkpoint(const RunState& state, std::int64_t fingerprint) {
  Checkpoint checkpoint(kKind, kVersion);
  checkpoint.put("fingerprint", fingerprint);
  checkpoint.put("n_done", state.n_done);
  const double sums[] = {state.sums.w, state.sums.w2, state.sums.wE, state.sums.w2E, state.sums.w2E2};
  checkpoint.put("sums", std::span<const double>(sums));
  checkpoint.put("n_grid_points", static_cast<std::int64_t>(state.grid_minimum_eV.size()));
  const std::vector<std::int64_t> grid = pack(state.grid_minimum_eV, state.grid_free_energy_eV);
  checkpoint.put("grid", std::span<const std::int64_t>(grid));
  std::vector<double> energies;
  std::vector<std::int64_t> numbers;
  for (const NumberedEnergy& lowest : state.lowest) {
    energies.push_back(lowest.energy_eV);
    numbers.push_back(lowest.number);
  }
  checkpoint.put("lowest_energies_eV", std::span<const double>(energies));
  checkpoint.put("lowest_numbers", std::span<const std::int64_t>(numbers));
  return checkpoint;
}

RunState read_run_state(const std::filesystem::path& path, std::int64_t fingerprint) {
  const Checkpoint checkpoint = read_checkpoint(path, kKind, kVersion);
  if (checkpoint.integer("fingerprint") != fingerprint) {
    throw KernelError(ErrorCode::bad_checkpoint, path.string() + " is the checkpoint of other insertions: framework, " +
                                                     "adsorbate or options differ");
  }
  RunState state;
  state.n_done = checkpoint.integer("n_done");
  const std::vector<double> sums = checkpoint.doubles("sums", 5);
  state.sums = {sums[0], sums[1], sums[2], sums[3], sums[4]};
  const auto n_grid_points = static_cast<std::size_t>(checkpoint.integer("n_grid_points"));
  unpack(checkpoint.integers("grid", n_grid_points), state.grid_minimum_eV, state.grid_free_energy_eV);
  const std::vector<double> energies = checkpoint.doubles("lowest_energies_eV");
  const std::vector<std::int64_t> numbers = checkpoint.integers("lowest_numbers", energies.size());
  for (std::size_t i = 0; i < energies.size(); ++i) state.lowest.push_back({energies[i], numbers[i]});
  return state;
}

}  // namespace mofkernel::adsorption
