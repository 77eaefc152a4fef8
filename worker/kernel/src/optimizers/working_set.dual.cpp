#include "optimizers/working_set.hpp"

#include <algorithm>
#include <cmath>

#include "geometry/lattice.hpp"
#include "optimizers/row_loops.hpp"

namespace mofkernel::MOFK_NS {
namespace {

constexpr double kLargestVolumeRatio = 8;
constexpr EvaluateWant kWant{.energies = true, .forces = true, .stress = true, .per_atom = false};

std::unique_ptr<RowOptimizer> make_optimizer(const Context& context, const RowLayout& layout,
                                             const RelaxOptions& options) {
  switch (options.optimizer) {
    case Optimizer::lbfgs:
      return make_lbfgs(context, layout);
    case Optimizer::bfgs:
      return make_bfgs(context, layout);
    case Optimizer::fire:
      return make_fire(context, layout);
    case Optimizer::mdmin:
      return make_mdmin(context, layout);
  }
  throw KernelError(ErrorCode::internal, "an optimizer has no code");
}

std::vector<double> nans(std::size_t n) { return std::vector<double>(n, std::numeric_limits<double>::quiet_NaN()); }

}  // namespace

WorkingSet::WorkingSet(const Context& context, Batch& batch, Potential& potential, DeviceEvaluation& evaluation,
                       const RelaxOptions& options)
    : context_(context),
      batch_(batch),
      potential_(potential),
      evaluation_(evaluation),
      filter_(context, batch, options.cell_mode, options.pressures_eV_A3, options.fixed_atoms),
      symmetry_(context, batch, filter_, options),
      optimizer_(make_optimizer(context, filter_.layout(), options)),
      first_row_(filter_.layout().first_row.to_host()),
      rows_(context),
      start_rows_(context),
      best_rows_(context),
      row_forces_(context),
      start_volumes_(context),
      best_enthalpies_(context),
      enthalpies_(context, static_cast<std::size_t>(batch.n_structures)),
      max_force_squared_(context, enthalpies_.size()),
      is_active_(context),
      flags_(context, enthalpies_.size()),
      d_summaries_(context, enthalpies_.size()),
      summaries_(enthalpies_.size()) {
  filter_.start(batch_, rows_);
  if (symmetry_.is_needed()) start_rows_.copy_from(rows_);
  best_rows_.copy_from(rows_);
  row_forces_.resize(rows_.size());
  start_volumes_.upload(nans(enthalpies_.size()));
  best_enthalpies_.upload(nans(enthalpies_.size()));
  is_active_.upload(std::vector<int>(enthalpies_.size(), 1));
}

void WorkingSet::evaluate() {
  do {
    potential_.evaluate(batch_, kWant, evaluation_);
    project_evaluation();
    filter_.forces(batch_, evaluation_, rows_, row_forces_);
    summarize();
  } while (!potential_.confirm());
  d_summaries_.download(summaries_);
}

void WorkingSet::summarize() {
  const double* const d_forces = evaluation_.forces.data();
  const int* const d_is_fixed = filter_.is_fixed();
  segmented_reduce<Max>(
      context_, batch_.n_structures, batch_.first_atom.data(), 0.0,
      MOFK_LAMBDA(int i) { return d_is_fixed[i] != 0 ? 0.0 : dot_rows(d_forces + 3 * i, d_forces + 3 * i); },
      max_force_squared_.data());
  const double* const d_max_force_squared = max_force_squared_.data();
  const double* const d_energies = evaluation_.energies.data();
  const double* const d_virials = evaluation_.virials.data();
  const double* const d_cells = batch_.cells.data();
  const double* const d_row_forces = row_forces_.data();
  const double* const d_pressures = filter_.pressures();
  const double* const d_to_ase_cell_forces = filter_.to_ase_cell_forces();
  const int* const d_pbc = batch_.pbc.data();
  const int* const d_first_row = filter_.layout().first_row.data();
  const bool moves_cell = filter_.moves_cell();
  double* const d_start_volumes = start_volumes_.data();
  double* const d_enthalpies = enthalpies_.data();
  StepSummary* const d_out = d_summaries_.data();
  parallel_for(
      context_, batch_.n_structures, MOFK_LAMBDA(int s) {
        StepSummary& out = d_out[s];
        const bool is_periodic = d_pbc[3 * s] != 0 && d_pbc[3 * s + 1] != 0 && d_pbc[3 * s + 2] != 0;
        out.volume = is_periodic ? fabs(determinant(d_cells + 9 * s)) : 0.0;
        out.energy = d_energies[s];
        out.enthalpy = d_energies[s] + (moves_cell ? d_pressures[s] * out.volume : 0.0);
        d_enthalpies[s] = out.enthalpy;
        out.max_force_squared = d_max_force_squared[s];
        out.max_cell_squared = 0;
        for (int row = d_first_row[s + 1] - (moves_cell ? 3 : 0); row < d_first_row[s + 1]; ++row) {
          Max::combine(out.max_cell_squared, dot_rows(d_row_forces + 3 * row, d_row_forces + 3 * row));
        }
        out.max_cell_squared *= square(d_to_ase_cell_forces[s]);
        for (int k = 0; k < 9; ++k) out.virial[k] = d_virials[9 * s + k];
        if (d_start_volumes[s] != d_start_volumes[s]) d_start_volumes[s] = out.volume;
        const double start_volume = d_start_volumes[s];
        out.is_sound = is_finite(out.enthalpy) && is_finite(out.max_force_squared) && is_finite(out.max_cell_squared) &&
                       out.volume <= kLargestVolumeRatio * start_volume &&
                       out.volume * kLargestVolumeRatio >= start_volume;
      });
}

void WorkingSet::note_best() {
  const StepSummary* const d_summaries = d_summaries_.data();
  const int* const d_is_active = is_active_.data();
  double* const d_best = best_enthalpies_.data();
  int* const d_flags = flags_.data();
  parallel_for(
      context_, batch_.n_structures, MOFK_LAMBDA(int s) {
        const double enthalpy = d_summaries[s].enthalpy;
        // A best enthalpy that is no number is one that is not known yet.
        const bool is_best = d_is_active[s] != 0 && d_summaries[s].is_sound != 0 && !(enthalpy > d_best[s]);
        if (is_best) d_best[s] = enthalpy;
        d_flags[s] = is_best ? 1 : 0;
      });
  copy_rows(d_flags, rows_, best_rows_);
}

void WorkingSet::copy_rows(const int* d_flags, const Buffer<double>& from, Buffer<double>& to) {
  const int* const d_structure = filter_.layout().structure_of_row.data();
  const double* const d_from = from.data();
  double* const d_to = to.data();
  parallel_for(
      context_, 3 * filter_.layout().n_rows, MOFK_LAMBDA(int k) {
        if (d_flags[d_structure[k / 3]] != 0) d_to[k] = d_from[k];
      });
}

void WorkingSet::step(int i_step) {
  optimizer_->step(i_step, rows_, row_forces_, enthalpies_, is_active_);
  symmetry_.project(start_rows_, is_active_, rows_);
  filter_.apply(rows_, batch_);
}

void WorkingSet::return_to_best(std::span<const int> is_flagged) {
  flags_.upload(is_flagged);
  copy_rows(flags_.data(), best_rows_, rows_);
  filter_.apply(rows_, batch_);
}

void WorkingSet::set_active(std::span<const int> is_active) { is_active_.upload(is_active); }

std::vector<int> WorkingSet::find_unusable() const {
  const std::vector<double> positions = batch_.positions.to_host();
  const std::vector<double> cells = batch_.cells.to_host();
  const std::vector<double> start_volumes = start_volumes_.to_host();
  const std::vector<int> pbc = batch_.pbc.to_host();
  const std::vector<int> first_atom = batch_.first_atom.to_host();
  std::vector<int> is_unusable;
  for (std::size_t s = 0; s < summaries_.size(); ++s) {
    bool is_usable = is_usable_lattice(cells.data() + 9 * s, pbc.data() + 3 * s);
    if (start_volumes[s] > 0) {
      const double ratio = std::abs(determinant(cells.data() + 9 * s)) / start_volumes[s];
      is_usable = is_usable && ratio <= kLargestVolumeRatio && ratio * kLargestVolumeRatio >= 1;
    }
    for (int k = 3 * first_atom[s]; k < 3 * first_atom[s + 1]; ++k) {
      is_usable = is_usable && std::isfinite(positions[static_cast<std::size_t>(k)]);
    }
    is_unusable.push_back(is_usable ? 0 : 1);
  }
  return is_unusable;
}

std::vector<StateArray> WorkingSet::state(int i_step) {
  std::vector<StateArray> arrays{{"rows", &rows_, Extent::values},
                                 {"best_rows", &best_rows_, Extent::values},
                                 {"row_forces", &row_forces_, Extent::values},
                                 {"enthalpies", &enthalpies_, Extent::numbers},
                                 {"start_volumes", &start_volumes_, Extent::numbers},
                                 {"best_enthalpies", &best_enthalpies_, Extent::numbers}};
  for (StateArray& array : optimizer_->state(i_step)) arrays.push_back(array);
  return arrays;
}

std::size_t WorkingSet::length(Extent extent, std::size_t n_numbers, std::size_t structure) const {
  const auto n_values = 3 * static_cast<std::size_t>(first_row_[structure + 1] - first_row_[structure]);
  switch (extent) {
    case Extent::values:
      return n_values;
    case Extent::matrix:
      return n_values * n_values;
    case Extent::numbers:
      return n_numbers;
  }
  return 0;
}

std::vector<SavedArray> WorkingSet::empty_arrays(int i_step) {
  std::vector<SavedArray> arrays;
  for (const StateArray& array : state(i_step)) {
    std::size_t length_of_slot = 0;
    for (std::size_t s = 0; s < summaries_.size(); ++s) length_of_slot += length(array.extent, array.n_numbers, s);
    arrays.push_back({array.name, array.extent, array.n_numbers, array.n_slots,
                      std::vector<double>(array.n_slots * length_of_slot)});
  }
  return arrays;
}

std::vector<SavedArray> WorkingSet::save(int i_step) {
  std::vector<SavedArray> saved = empty_arrays(i_step);
  const std::vector<StateArray> here = state(i_step);
  for (std::size_t a = 0; a < here.size(); ++a) {
    Buffer<double>& values = *here[a].values;
    const std::size_t capacity = values.size();
    // Slots that are not in use hold nothing.
    values.resize(saved[a].values.size());
    values.download(saved[a].values);
    values.resize(capacity);
  }
  return saved;
}

void WorkingSet::load(int i_step, std::span<const SavedArray> arrays) {
  const std::vector<StateArray> here = state(i_step);
  if (here.size() != arrays.size()) throw KernelError(ErrorCode::internal, "a state has too many or too few arrays");
  for (std::size_t a = 0; a < here.size(); ++a) {
    const std::size_t capacity = here[a].values->size();
    here[a].values->upload(arrays[a].values);
    here[a].values->resize(capacity);
  }
  filter_.apply(rows_, batch_);
}

std::vector<SavedArray> WorkingSet::take_part(std::span<const SavedArray> arrays, std::span<const int> kept) const {
  std::vector<SavedArray> part;
  for (const SavedArray& array : arrays) {
    std::vector<std::size_t> first{0};
    for (std::size_t s = 0; s < summaries_.size(); ++s)
      first.push_back(first.back() + length(array.extent, array.n_numbers, s));
    SavedArray& out = part.emplace_back(array);
    out.values.clear();
    for (std::size_t slot = 0; slot < array.n_slots; ++slot) {
      const double* const values = array.values.data() + slot * first.back();
      for (const int k : kept) {
        const auto s = static_cast<std::size_t>(k);
        out.values.insert(out.values.end(), values + first[s], values + first[s + 1]);
      }
    }
  }
  return part;
}

}  // namespace mofkernel::MOFK_NS
