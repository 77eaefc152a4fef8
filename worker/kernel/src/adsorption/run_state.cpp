#include "adsorption/run_state.hpp"

#include <bit>

#include "checkpoint/fingerprint.hpp"
#include "errors.hpp"

namespace mofkernel::adsorption {

namespace {

constexpr const char* kKind = "insertions";
constexpr int kVersion = 2;

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

void put(Checkpoint& checkpoint, const char* name, const Sums& sums) {
  const double values[] = {sums.w, sums.w2, sums.wE, sums.w2E, sums.w2E2};
  checkpoint.put(name, std::span<const double>(values));
}

Sums sums_from(const Checkpoint& checkpoint, const char* name) {
  const std::vector<double> values = checkpoint.doubles(name, 5);
  return {values[0], values[1], values[2], values[3], values[4]};
}

}  // namespace

std::int64_t fingerprint(const Structure& framework, const HostLennardJones& host, std::span<const double> charges,
                         const electrostatics::Options& electrostatics, const InsertionOptions& options) {
  Fingerprint f;
  f.add(framework);
  f.add(host.kind);
  f.add(host.epsilon_eV);
  f.add(host.sigma_A);
  f.add(charges);
  f.add(electrostatics.method);
  f.add(electrostatics.cutoff_A);
  f.add(electrostatics.relative_accuracy);
  f.add(electrostatics.damping_per_A);
  for (const AdsorbateSite& site : options.adsorbate.sites) {
    f.add(site.position);
    f.add(site.epsilon_eV);
    f.add(site.sigma_A);
    f.add(site.charge_e);
  }
  f.add(options.mode);
  f.add(options.cutoff_A);
  f.add(options.is_shifted);
  f.add(options.tail_correction);
  f.add(options.temperature_k);
  f.add(options.seed);
  f.add(options.n_insertions);
  f.add(options.spacing_A);
  f.add(options.n_orientations);
  f.add(options.n_lowest);
  f.add(options.blocked.shape);
  f.add(options.blocked.is_blocked);
  return f.value();
}

Checkpoint to_checkpoint(const RunState& state, std::int64_t fingerprint) {
  Checkpoint checkpoint(kKind, kVersion);
  checkpoint.put("fingerprint", fingerprint);
  checkpoint.put("n_done", state.n_done);
  put(checkpoint, "sums", state.totals.all);
  put(checkpoint, "reachable_sums", state.totals.reachable);
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
  state.totals = {sums_from(checkpoint, "sums"), sums_from(checkpoint, "reachable_sums")};
  const auto n_grid_points = static_cast<std::size_t>(checkpoint.integer("n_grid_points"));
  unpack(checkpoint.integers("grid", n_grid_points), state.grid_minimum_eV, state.grid_free_energy_eV);
  const std::vector<double> energies = checkpoint.doubles("lowest_energies_eV");
  const std::vector<std::int64_t> numbers = checkpoint.integers("lowest_numbers", energies.size());
  for (std::size_t i = 0; i < energies.size(); ++i) state.lowest.push_back({energies[i], numbers[i]});
  return state;
}

}  // namespace mofkernel::adsorption
