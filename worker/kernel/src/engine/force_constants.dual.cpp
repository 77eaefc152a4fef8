#include "engine/force_constants.hpp"

#include <cmath>

#include "checkpoint/checkpoint.hpp"
#include "checkpoint/checkpoint_clock.hpp"
#include "engine/calculation.hpp"
#include "engine/potential_of.hpp"

namespace mofkernel::MOFK_NS {
namespace {

constexpr const char* kKind = "force_constants";
constexpr int kVersion = 1;
constexpr EvaluateWant kForcesOnly{.energies = false, .forces = true, .stress = false, .per_atom = false};

std::vector<double> flatten(const std::vector<std::array<double, 3>>& vectors) {
  std::vector<double> flat;
  for (const auto& v : vectors) flat.insert(flat.end(), v.begin(), v.end());
  return flat;
}

class Differences {
 public:
  Differences(const Context& context, mace::PreparedModels& models, const Structure& structure,
              const PotentialSpec& spec, Precision precision, const ForceConstantOptions& options, std::size_t n_copies)
      : options_(options),
        row_size_(3 * structure.positions.size()),
        n_pairs_(n_copies / 2),
        calculation_(calculation_fingerprint(std::span(&structure, 1), model_of(std::span(&structure, 1), spec),
                                             shared(spec), precision)),
        rest_(flatten(structure.positions)),
        copies_(n_copies, structure),
        typed_(type_batch(copies_, model_of(copies_, spec), shared(spec))),
        batch_(make_batch(context, copies_)),
        potential_(make_potential(context, models, batch_, copies_, typed_, spec, precision)),
        evaluation_(context, batch_, static_cast<int>(potential_->component_names().size())) {
    result_.warnings = typed_.warnings;
    if (precision != Precision::float64) {
      result_.warnings.emplace_back(
          "differences of forces in single precision lose digits: one part in 10^7 of a force becomes an error of " +
          std::to_string(static_cast<int>(0.5 / options.displacement_A)) + " times that; use float64");
    }
  }

  /// The list is built here, without any displacement, so that every batch of copies sums in the same order.
  void evaluate_at_rest() {
    std::vector<double> positions;
    for (std::size_t copy = 0; copy < 2 * n_pairs_; ++copy)
      positions.insert(positions.end(), rest_.begin(), rest_.end());
    const std::vector<double> forces = evaluate(positions);
    for (std::size_t k = 0; k < row_size_; k += 3) result_.forces.push_back({forces[k], forces[k + 1], forces[k + 2]});
    check_row(forces, 0, "the structure as given");
  }

  void add_rows() {
    const auto first = static_cast<std::size_t>(result_.n_finished);
    const std::size_t n_rows = std::min(n_pairs_, options_.atoms.size() - first);
    std::vector<double> positions;
    for (std::size_t pair = 0; pair < n_pairs_; ++pair) {
      append_displaced(positions, first + pair, pair < n_rows ? options_.displacement_A : 0);
      append_displaced(positions, first + pair, pair < n_rows ? -options_.displacement_A : 0);
    }
    const std::vector<double> forces = evaluate(positions);
    for (std::size_t pair = 0; pair < n_rows; ++pair) {
      const double* const plus = forces.data() + 2 * pair * row_size_;
      for (std::size_t k = 0; k < row_size_; ++k)
        result_.rows.push_back((plus[row_size_ + k] - plus[k]) / (2 * options_.displacement_A));
      check_row(result_.rows, (first + pair) * row_size_, "displacement " + std::to_string(first + pair));
    }
    result_.n_finished += static_cast<int>(n_rows);
  }

  [[nodiscard]] bool is_complete() const {
    return static_cast<std::size_t>(result_.n_finished) == options_.atoms.size();
  }
  ForceConstants& result() { return result_; }

  void save(const std::filesystem::path& path) const {
    Checkpoint checkpoint = request();
    checkpoint.put("n_finished", static_cast<std::int64_t>(result_.n_finished));
    checkpoint.put("rows", std::span<const double>(result_.rows));
    write_checkpoint(checkpoint, path);
  }

  void load(const std::filesystem::path& path) {
    const Checkpoint checkpoint = read_checkpoint(path, kKind, kVersion);
    const Checkpoint asked = request();
    for (const auto& [name, values] : asked.entries()) {
      const bool is_same = std::visit([&](const auto& mine) { return is_kept(checkpoint, name, mine); }, values);
      if (!is_same) {
        throw KernelError(ErrorCode::bad_checkpoint,
                          path.string() + " was written by another request (its " + name +
                              " differs); repeat the request that wrote it, or start without resume");
      }
    }
    result_.n_finished = static_cast<int>(checkpoint.integer("n_finished"));
    result_.rows = checkpoint.doubles("rows", row_size_ * static_cast<std::size_t>(result_.n_finished));
  }

 private:
  static PotentialSpec shared(PotentialSpec spec) {
    spec.share_topology = true;
    return spec;
  }

  std::vector<double> evaluate(const std::vector<double>& positions) {
    batch_.positions.upload(positions);
    evaluate_confirmed(*potential_, batch_, kForcesOnly, evaluation_);
    return evaluation_.forces.to_host();
  }

  /// One copy, its displaced atom moved by `distance`.
  void append_displaced(std::vector<double>& positions, std::size_t row, double distance) const {
    const std::size_t begin = positions.size();
    positions.insert(positions.end(), rest_.begin(), rest_.end());
    if (distance == 0) return;
    const auto& direction = options_.directions[row];
    const double length = std::hypot(direction[0], direction[1], direction[2]);
    const auto atom = static_cast<std::size_t>(options_.atoms[row]);
    for (std::size_t axis = 0; axis < 3; ++axis)
      positions[begin + 3 * atom + axis] += distance * direction[axis] / length;
  }

  void check_row(const std::vector<double>& values, std::size_t begin, const std::string& where) const {
    for (std::size_t k = begin; k < begin + row_size_; ++k) {
      if (std::isfinite(values[k])) continue;
      throw KernelError(ErrorCode::non_finite, "the force on atom " + std::to_string((k - begin) / 3) + " at " + where +
                                                   " is not finite; two atoms lie on top of each other");
    }
  }

  /// What has to be the same for the rows of a checkpoint to count.
  [[nodiscard]] Checkpoint request() const {
    Checkpoint checkpoint(kKind, kVersion);
    checkpoint.put("displacement_A", options_.displacement_A);
    const std::vector<std::int64_t> atoms(options_.atoms.begin(), options_.atoms.end());
    checkpoint.put("displaced_atoms", std::span<const std::int64_t>(atoms));
    const std::vector<double> directions = flatten(options_.directions);
    checkpoint.put("directions", std::span<const double>(directions));
    checkpoint.put("calculation", calculation_);
    return checkpoint;
  }

  static bool is_kept(const Checkpoint& kept, std::string_view name, const std::vector<double>& mine) {
    return kept.has(name) && kept.doubles(name) == mine;
  }
  static bool is_kept(const Checkpoint& kept, std::string_view name, const std::vector<std::int64_t>& mine) {
    return kept.has(name) && kept.integers(name, mine.size()) == mine;
  }

  const ForceConstantOptions& options_;
  std::size_t row_size_;
  std::size_t n_pairs_;
  std::int64_t calculation_;
  std::vector<double> rest_;  ///< [n_atoms][3] A
  std::vector<Structure> copies_;
  TypedBatch typed_;
  Batch batch_;
  std::unique_ptr<Potential> potential_;
  DeviceEvaluation evaluation_;
  ForceConstants result_;
};

}  // namespace

ForceConstants run_force_constants(const Context& context, mace::PreparedModels& models, const Structure& structure,
                                   const PotentialSpec& spec, Precision precision, const ForceConstantOptions& options,
                                   std::size_t n_copies, const RunControl& control,
                                   const std::function<void(int)>& on_progress) {
  Differences differences(context, models, structure, spec, precision, options, n_copies);
  ForceConstants& result = differences.result();
  const CheckpointPlan& plan = control.checkpoint;
  differences.evaluate_at_rest();
  if (plan.resume && std::filesystem::exists(plan.path)) differences.load(plan.path);
  CheckpointClock clock(plan, result.n_finished);
  while (!differences.is_complete()) {
    result.stop = control.stop_reason();
    if (result.stop != StopReason::none) break;
    differences.add_rows();
    on_progress(result.n_finished);
    if (!clock.is_due(result.n_finished)) continue;
    differences.save(plan.path);
    clock.restart(result.n_finished);
  }
  if (!plan.path.empty()) differences.save(plan.path);
  return std::move(result);
}

}  // namespace mofkernel::MOFK_NS
