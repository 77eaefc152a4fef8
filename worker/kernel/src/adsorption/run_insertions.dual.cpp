#include "adsorption/run_insertions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "adsorption/blocked.hpp"
#include "adsorption/host_guest.hpp"
#include "adsorption/placement_plan.hpp"
#include "adsorption/rigid_relaxation.hpp"
#include "adsorption/run_state.hpp"
#include "adsorption/summary.hpp"
#include "checkpoint/checkpoint_clock.hpp"
#include "units.hpp"
#ifndef __CUDACC__
#include "adsorption/evaluate_cpu.hpp"
#endif

namespace mofkernel::MOFK_NS {

namespace insertion {

namespace {

using adsorption::Totals;

/// A Lennard-Jones energy from which a placement overlaps the framework, whatever the charges say: point charges inside
/// an atom's core attract without bound. Beyond 745 kT a Boltzmann factor is zero in double precision.
constexpr double kOverlap_eV = 1000;
constexpr double kOverlap_kT = 800;

MOFK_HD inline bool is_blocked_placement(const BlockedView& blocked, const PlacementSource& source,
                                         std::int64_t number) {
  if (blocked.is_blocked == nullptr) return false;
  double fractional[3];
  double rotation[9];
  place(source, number, fractional, rotation);
  return is_blocked(blocked, fractional);
}

/// The run on one device.
class Run {
 public:
  Run(const Context& context, const Structure& framework, const adsorption::HostLennardJones& host,
      std::span<const double> charges, const electrostatics::Options& electrostatics, const InsertionOptions& options,
      std::int64_t most_at_once)
      : context_(context),
        framework_(framework),
        options_(options),
        kT_(kBoltzmannEvK * options.temperature_k),
        plan_(adsorption::plan_placements(framework, options)),
        chunk_(std::max<std::int64_t>(1, std::min(kMostPlacementsAtOnce, most_at_once) / plan_.segment) *
               plan_.segment),
        host_guest_(context, framework, host, charges, electrostatics, options,
                    std::max(kOverlap_eV, kOverlap_kT * kT_)),
        rotations_(context),
        energies_(context),
        segment_first_(context),
        segment_sums_(context),
        blocked_(context, std::span<const std::uint8_t>(options.blocked.is_blocked)),
        minimum_(context),
        free_energy_(context),
        fingerprint_(adsorption::fingerprint(framework, host, charges, electrostatics, options)) {
    std::vector<double> rotations;
    for (const auto& rotation : plan_.rotations) rotations.insert(rotations.end(), rotation.begin(), rotation.end());
    rotations_.upload(rotations);
    if (options.n_lowest > 0) lowest_.emplace(framework);
  }

  InsertionResult operator()(const RunControl& control, const std::function<void(std::int64_t)>& on_progress) {
    const CheckpointPlan& plan = control.checkpoint;
    if (plan.resume && !plan.path.empty() && std::filesystem::exists(plan.path)) resume(plan.path);
    CheckpointClock clock(plan, state_.n_done);
#ifndef __CUDACC__
    cpu::PlacementEnergies cpu_energies(context_, host_guest_.view(), source());
#endif
    StopReason stop = StopReason::none;
    while (state_.n_done < plan_.n_placements) {
      stop = control.stop_reason();
      if (stop != StopReason::none) break;
      const int n = static_cast<int>(std::min(chunk_, plan_.n_placements - state_.n_done));
      energies_.resize(static_cast<std::size_t>(n));
#ifdef __CUDACC__
      compute_energies(n);
#else
      cpu_energies.evaluate(state_.n_done, {energies_.data(), energies_.size()});
#endif
      sum(n);
      if (plan_.is_grid) append_to_grid(n);
      if (lowest_) offer_lowest();
      state_.n_done += n;
      on_progress(state_.n_done);
      if (clock.is_due(state_.n_done)) {
        save(plan.path);
        clock.restart(state_.n_done);
      }
    }
    if (!plan.path.empty()) save(plan.path);
    return result(stop);
  }

  // Public because nvcc wants device lambdas in public member functions.

  void compute_energies(int n) {
    const HostGuestView view = host_guest_.view();
    const PlacementSource source = this->source();
    const std::int64_t first = state_.n_done;
    double* const energies = energies_.data();
    parallel_for(context_, n, MOFK_LAMBDA(int i) { energies[i] = placement_energy(view, source, first + i); }, 64);
  }

  void sum(int n) {
    std::vector<int> first;
    for (int placement = 0; placement < n; placement += plan_.segment) first.push_back(placement);
    const auto n_segments = static_cast<int>(first.size());
    first.push_back(n);
    segment_first_.upload(first);
    segment_sums_.resize(static_cast<std::size_t>(n_segments));
    const double* const energies = energies_.data();
    const double inverse_kT = 1 / kT_;
    const PlacementSource source = this->source();
    const BlockedView blocked = blocked_view();
    const std::int64_t first_placement = state_.n_done;
    segmented_reduce<Sum>(
        context_, n_segments, segment_first_.data(), Totals{},
        MOFK_LAMBDA(int i) {
          Totals totals{adsorption::sums_of(energies[i], inverse_kT), {}};
          if (totals.all.w > 0 && !is_blocked_placement(blocked, source, first_placement + i))
            totals.reachable = totals.all;
          return totals;
        },
        segment_sums_.data());
    for (const Totals& totals : segment_sums_.to_host()) state_.totals += totals;
  }

  void append_to_grid(int n) {
    const int n_orientations = static_cast<int>(plan_.rotations.size());
    const int n_points = n / n_orientations;
    minimum_.resize(static_cast<std::size_t>(n_points));
    free_energy_.resize(static_cast<std::size_t>(n_points));
    const double* const energies = energies_.data();
    float* const minimum = minimum_.data();
    float* const free_energy = free_energy_.data();
    const double kT = kT_;
    parallel_for(
        context_, n_points,
        MOFK_LAMBDA(int p) {
          const double* const own = energies + static_cast<std::int64_t>(p) * n_orientations;
          double lowest = own[0];
          for (int o = 1; o < n_orientations; ++o) lowest = own[o] < lowest ? own[o] : lowest;
          minimum[p] = static_cast<float>(lowest);
          // Relative to the lowest, so that no exponential overflows.
          double weight = 0;
          for (int o = 0; o < n_orientations; ++o) weight += own[o] < kOverlap_eV ? exp((lowest - own[o]) / kT) : 0.0;
          free_energy[p] = static_cast<float>(weight > 0 ? lowest - kT * log(weight / n_orientations) : lowest);
        },
        256);
    append(minimum_, state_.grid_minimum_eV);
    append(free_energy_, state_.grid_free_energy_eV);
  }

  /// Every placement by itself, as a rigid body; then ascending again.
  void relax(std::vector<Placement>& placements, std::span<const adsorption::NumberedEnergy> known) const {
    const int n = static_cast<int>(placements.size());
    std::vector<RigidPose> start;
    for (const adsorption::NumberedEnergy& one : known) start.push_back(rigid_pose(one.number));
    Buffer<RigidPose> poses(context_, std::span<const RigidPose>(start));
    Buffer<double> energies(context_, placements.size());
    Buffer<double> forces(context_, placements.size());
    const HostGuestView view = host_guest_.view();
    const double size = size_of_adsorbate();
    RigidPose* const pose = poses.data();
    double* const energy = energies.data();
    double* const force = forces.data();
    parallel_for(context_, n, MOFK_LAMBDA(int i) { energy[i] = relax_rigid(view, size, pose[i], force[i]); }, 1);
    const std::vector<RigidPose> found = poses.to_host();
    const std::vector<double> energy_found = energies.to_host();
    const std::vector<double> force_left = forces.to_host();
    for (std::size_t i = 0; i < placements.size(); ++i) {
      placements[i] = placement(energy_found[i], found[i]);
      placements[i].max_force_eV_A = force_left[i];
    }
    std::stable_sort(placements.begin(), placements.end(),
                     [](const Placement& a, const Placement& b) { return a.energy_eV < b.energy_eV; });
  }

 private:
  [[nodiscard]] BlockedView blocked_view() const {
    const std::array<int, 3>& shape = options_.blocked.shape;
    return {blocked_.size() == 0 ? nullptr : blocked_.data(), {shape[0], shape[1], shape[2]}};
  }

  [[nodiscard]] PlacementSource source() const {
    return {plan_.is_grid,
            plan_.n_placements,
            {plan_.shape[0], plan_.shape[1], plan_.shape[2]},
            static_cast<int>(plan_.rotations.size()),
            rotations_.data(),
            options_.seed};
  }

  struct Pose {
    std::array<double, 3> fractional{};
    double rotation[9];
  };

  /// Of any placement of the run, on the host.
  [[nodiscard]] Pose pose(std::int64_t number) const {
    PlacementSource on_host = source();
    on_host.rotations = plan_.rotations.empty() ? nullptr : plan_.rotations.front().data();
    Pose pose;
    place(on_host, number, pose.fractional.data(), pose.rotation);
    return pose;
  }

  static void append(const Buffer<float>& from, std::vector<float>& to) {
    const std::vector<float> values = from.to_host();
    to.insert(to.end(), values.begin(), values.end());
  }

  void offer_lowest() {
    const std::vector<double> energies = energies_.to_host();
    // Of the orientations at one point only the best can be among the lowest.
    const auto step = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, plan_.rotations.size()));
    for (auto first = energies.begin(); first != energies.end(); first += step) {
      const auto best = std::min_element(first, first + step);
      if (!(*best < kOverlap_eV)) continue;
      const std::int64_t number = state_.n_done + (best - energies.begin());
      lowest_->offer(pose(number).fractional, *best, number);
    }
  }

  void resume(const std::filesystem::path& path) {
    state_ = adsorption::read_run_state(path, fingerprint_);
    if (!lowest_) return;
    for (const auto& [energy_eV, number] : state_.lowest) lowest_->offer(pose(number).fractional, energy_eV, number);
  }

  void save(const std::filesystem::path& path) {
    if (lowest_) state_.lowest = lowest_->all();
    write_checkpoint(adsorption::to_checkpoint(state_, fingerprint_), path);
  }

  [[nodiscard]] RigidPose rigid_pose(std::int64_t number) const {
    const Pose pose = this->pose(number);
    RigidPose out{};
    row_times_matrix(pose.fractional.data(), framework_.cell[0].data(), out.center);
    std::copy(std::begin(pose.rotation), std::end(pose.rotation), std::begin(out.rotation));
    return out;
  }

  /// With its center inside the cell.
  [[nodiscard]] Placement placement(double energy_eV, const RigidPose& pose) const {
    Placement out;
    out.energy_eV = energy_eV;
    double fractional[3];
    row_times_matrix(pose.center, host_guest_.view().inverse, fractional);
    for (double& f : fractional) f -= std::floor(f);
    row_times_matrix(fractional, framework_.cell[0].data(), out.center.data());
    for (const AdsorbateSite& site : options_.adsorbate.sites) {
      std::array<double, 3> position = out.center;
      for (std::size_t a = 0; a < 3; ++a) {
        for (std::size_t k = 0; k < 3; ++k) position[a] += pose.rotation[3 * a + k] * site.position[k];
      }
      out.site_positions.push_back(position);
    }
    return out;
  }

  /// A start for a relaxation has no lower placement so near, A: the neighbors of a grid's point, but not less than two
  /// parts of the cell that each keep their best one.
  [[nodiscard]] double start_distance() const {
    return plan_.is_grid ? std::clamp(1.5 * options_.spacing_A, 0.7, 1.0) : 1.0;
  }

  /// As relax_rigid() wants it.
  [[nodiscard]] double size_of_adsorbate() const {
    double size = 0;
    for (const AdsorbateSite& site : options_.adsorbate.sites) size = std::max(size, norm3(site.position.data()));
    return size < 1e-6 ? 1 : size;
  }

  [[nodiscard]] InsertionResult result(StopReason stop) const {
    InsertionResult result = adsorption::summarize(state_, framework_, options_);
    result.stop = stop;
    if (plan_.is_grid) {
      result.grid_shape = plan_.shape;
      const auto n_points = static_cast<std::size_t>(plan_.n_placements) / plan_.rotations.size();
      result.grid_minimum_eV = state_.grid_minimum_eV;
      result.grid_free_energy_eV = state_.grid_free_energy_eV;
      result.grid_minimum_eV.resize(n_points, std::numeric_limits<float>::quiet_NaN());
      result.grid_free_energy_eV.resize(n_points, std::numeric_limits<float>::quiet_NaN());
    }
    if (!lowest_) return result;
    const auto center = [this](std::int64_t number) { return pose(number).fractional; };
    const std::vector<adsorption::NumberedEnergy> chosen =
        options_.relax_lowest ? lowest_->choose_minima(options_.n_lowest, start_distance(), center)
                              : lowest_->choose(options_.n_lowest, center);
    for (const auto& [energy_eV, number] : chosen) result.lowest.push_back(placement(energy_eV, rigid_pose(number)));
    if (options_.relax_lowest && stop == StopReason::none) relax(result.lowest, chosen);
    return result;
  }

  const Context& context_;
  const Structure& framework_;
  const InsertionOptions& options_;
  double kT_;
  adsorption::PlacementPlan plan_;
  std::int64_t chunk_;  // placements at once: whole segments
  HostGuest host_guest_;
  Buffer<double> rotations_;
  Buffer<double> energies_;  // [placements of the chunk] eV
  Buffer<int> segment_first_;
  Buffer<Totals> segment_sums_;
  Buffer<std::uint8_t> blocked_;         // BlockedPlaces::is_blocked
  Buffer<float> minimum_, free_energy_;  // [points of the chunk] eV
  std::optional<adsorption::LowestPlacements> lowest_;
  adsorption::RunState state_;
  std::int64_t fingerprint_;
};

}  // namespace

}  // namespace insertion

void check_insertions(const Structure& framework, std::span<const double> charges, const InsertionOptions& options) {
  if (framework.n_atoms() == 0) throw KernelError(ErrorCode::bad_structure, "the framework has no atoms");
  if (!(framework.pbc[0] && framework.pbc[1] && framework.pbc[2])) {
    throw KernelError(ErrorCode::unsupported, "insertions need a framework with three periodic axes");
  }
  double cell[9];
  for (std::size_t k = 0; k < 9; ++k) cell[k] = framework.cell[k / 3][k % 3];
  constexpr int kPeriodic[3] = {1, 1, 1};
  if (!is_usable_lattice(cell, kPeriodic)) {
    throw KernelError(ErrorCode::bad_structure, "the lattice vectors of the framework span no volume");
  }
  if (!charges.empty() && charges.size() != framework.positions.size()) {
    throw KernelError(ErrorCode::bad_request, std::to_string(charges.size()) + " charges but " +
                                                  std::to_string(framework.n_atoms()) + " atoms");
  }
  if (!std::all_of(charges.begin(), charges.end(), [](double q) { return std::isfinite(q); })) {
    throw KernelError(ErrorCode::bad_request, "a charge of the framework is not finite");
  }
  if (!(options.cutoff_A > 0) || !(options.temperature_k > 0)) {
    throw KernelError(ErrorCode::bad_request, "insertions need a cutoff and a temperature above 0");
  }
  if (options.is_shifted && options.tail_correction) {
    throw KernelError(ErrorCode::bad_request, "a shifted Lennard-Jones energy has no tail correction");
  }
  const std::array<int, 3>& shape = options.blocked.shape;
  const std::size_t n_blocked = options.blocked.is_blocked.size();
  if (n_blocked > 0 && !(shape[0] > 0 && shape[1] > 0 && shape[2] > 0 &&
                         1.0 * shape[0] * shape[1] * shape[2] == static_cast<double>(n_blocked))) {
    throw KernelError(ErrorCode::bad_request, "the grid of blocked places does not have the size that it says");
  }
}

InsertionResult run_insertions(const Context& context, const Structure& framework,
                               const adsorption::HostLennardJones& host, std::span<const double> charges,
                               const electrostatics::Options& electrostatics, const InsertionOptions& options,
                               std::int64_t most_at_once, const RunControl& control,
                               const std::function<void(std::int64_t)>& on_progress) {
  insertion::Run run(context, framework, host, charges, electrostatics, options, most_at_once);
  InsertionResult result = run(control, on_progress);
  result.warnings = adsorption::warnings_about(charges, options);
  return result;
}

}  // namespace mofkernel::MOFK_NS
