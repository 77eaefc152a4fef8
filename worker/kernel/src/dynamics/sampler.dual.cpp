#include "dynamics/sampler.hpp"

#include "dynamics/propagate.hpp"
#include "geometry/lattice.hpp"
#include "units.hpp"

namespace mofkernel::MOFK_NS {

Sampler::Sampler(const MdSystem& system, const MdStart& start)
    : first_atom_(system.batch.first_atom.to_host()),
      n_degrees_of_freedom_(start.n_degrees_of_freedom),
      sums_(system.context, system.batch),
      kinetic_(system.context, n_degrees_of_freedom_.size()),
      extended_energies_(system.context, n_degrees_of_freedom_.size()),
      d_summaries_(system.context, n_degrees_of_freedom_.size()),
      summaries_(n_degrees_of_freedom_.size()) {}

void Sampler::take(MdSystem& system, Integrator& integrator) {
  frames_.reset();
  sums_.kinetic_tensors(system, kinetic_.data());
  integrator.extended_energies(system, extended_energies_);
  summarize(system);
  keep_good(system);
  d_summaries_.download(summaries_);
}

void Sampler::summarize(MdSystem& system) {
  const double* const d_energies = system.evaluation.energies.data();
  const double* const d_virials = system.evaluation.virials.data();
  const double* const d_cells = system.batch.cells.data();
  const int* const d_pbc = system.batch.pbc.data();
  const KineticTensor* const d_kinetic = kinetic_.data();
  const double* const d_extended = extended_energies_.data();
  const std::int64_t* const d_n_steps_done = system.n_steps_done.data();
  std::int64_t* const d_diverged_at = system.diverged_at.data();
  SampleSummary* const d_out = d_summaries_.data();
  parallel_for(
      system.context, system.batch.n_structures, MOFK_LAMBDA(int s) {
        SampleSummary& out = d_out[s];
        out.potential_energy = d_energies[s];
        out.extended_energy = d_extended[s];
        out.kinetic = d_kinetic[s];
        const bool is_periodic = d_pbc[3 * s] != 0 && d_pbc[3 * s + 1] != 0 && d_pbc[3 * s + 2] != 0;
        out.volume = is_periodic ? fabs(determinant(d_cells + 9 * s)) : 0.0;
        for (int k = 0; k < 9; ++k) out.virial[k] = is_periodic ? d_virials[9 * s + k] : 0.0;
        const double row[3] = {out.potential_energy, out.kinetic.trace(), out.volume};
        if (!is_finite_row(row)) mark_diverged(d_diverged_at, s, *d_n_steps_done);
        out.diverged_at = d_diverged_at[s];
      });
}

void Sampler::keep_good(MdSystem& system) {
  const int* const d_structure = system.batch.structure_of_atom.data();
  const SampleSummary* const d_summaries = d_summaries_.data();
  const double* const d_positions = system.batch.positions.data();
  const double* const d_velocities = system.velocities.data();
  const double* const d_cells = system.batch.cells.data();
  double* const d_good_positions = system.good_positions.data();
  double* const d_good_velocities = system.good_velocities.data();
  double* const d_good_cells = system.good_cells.data();
  parallel_for(
      system.context, 3 * system.batch.n_atoms, MOFK_LAMBDA(int k) {
        if (d_summaries[d_structure[k / 3]].diverged_at != kNever) return;
        d_good_positions[k] = d_positions[k];
        d_good_velocities[k] = d_velocities[k];
      });
  parallel_for(
      system.context, 9 * system.batch.n_structures, MOFK_LAMBDA(int k) {
        if (d_summaries[k / 9].diverged_at == kNever) d_good_cells[k] = d_cells[k];
      });
}

MdSample Sampler::sample(int s, std::int64_t step, double time_fs) const {
  const SampleSummary& now = summaries_[static_cast<std::size_t>(s)];
  const int n_dof = n_degrees_of_freedom_[static_cast<std::size_t>(s)];
  MdSample out;
  out.structure = s;
  out.step = step;
  out.time_fs = time_fs;
  out.potential_energy_eV = now.potential_energy;
  out.kinetic_energy_eV = now.kinetic.trace() / 2;
  out.conserved_energy_eV = now.potential_energy + out.kinetic_energy_eV + now.extended_energy;
  out.temperature_k = n_dof > 0 ? now.kinetic.trace() / (n_dof * kBoltzmannEvK) : 0.0;
  if (now.volume > 0) {
    constexpr std::array<std::size_t, 6> kVoigt{0, 4, 8, 5, 2, 1};
    out.volume_A3 = now.volume;
    auto& stress = out.stress_voigt_eV_A3.emplace();
    for (std::size_t k = 0; k < 6; ++k) stress[k] = (now.virial[kVoigt[k]] - now.kinetic.m[k]) / now.volume;
    out.pressure_eV_A3 = -(stress[0] + stress[1] + stress[2]) / 3;
  }
  return out;
}

void Sampler::add_frame(const MdSystem& system, MdSample& sample) {
  if (!frames_) {
    frames_ = std::make_unique<Frames>(Frames{system.batch.positions.to_host(), system.velocities.to_host(),
                                              system.evaluation.forces.to_host(), system.batch.cells.to_host()});
  }
  sample.has_frame = true;
  const auto s = static_cast<std::size_t>(sample.structure);
  for (auto i = static_cast<std::size_t>(first_atom_[s]); i < static_cast<std::size_t>(first_atom_[s + 1]); ++i) {
    const auto row = [i](const std::vector<double>& values) {
      return std::array<double, 3>{values[3 * i], values[3 * i + 1], values[3 * i + 2]};
    };
    sample.positions.push_back(row(frames_->positions));
    sample.velocities.push_back(row(frames_->velocities));
    sample.forces.push_back(row(frames_->forces));
  }
  for (std::size_t k = 0; k < 9; ++k) sample.cell[k / 3][k % 3] = frames_->cells[9 * s + k];
}

}  // namespace mofkernel::MOFK_NS
