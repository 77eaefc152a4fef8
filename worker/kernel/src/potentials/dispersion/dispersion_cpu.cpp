#include "potentials/dispersion/dispersion_cpu.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>

#include "backend/threads.hpp"
#include "geometry/lattice.hpp"
#include "geometry/list_errors.hpp"
#include "potentials/dispersion/formulas.hpp"
#include "potentials/dispersion/loops.hpp"
#include "potentials/dispersion/plain_dispersion.hpp"
#include "potentials/dispersion/surroundings.hpp"

namespace mofkernel::cpu {

namespace {

using dispersion::kLargestReferenceCount, dispersion::Model;

/// Meetings of a block and a point that are worth a thread of their own, about 50 microseconds.
constexpr double kMeetingsPerThread = 8192;
constexpr int kBlocksAtOnce = 4;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

/// The same bound as a neighbor list has: no more images than that.
void check_cell(const double* cell, const int* pbc, double reach, int structure) {
  if (!is_usable_lattice(cell, pbc)) throw unusable_cell(structure);
  double rows[9];
  double inverse[9];
  complete_lattice(cell, pbc, rows);
  invert(rows, inverse);
  for (int a = 0; a < 3; ++a) {
    const double column[3] = {inverse[a], inverse[3 + a], inverse[6 + a]};
    if (pbc[a] != 0 && reach * norm3(column) > 100) throw unusable_cell(structure);
  }
}

struct Mixture {
  std::array<double, kLargestReferenceCount> weight, slope;
};

template <class T>
class DispersionCpu final : public Potential {
 public:
  DispersionCpu(const Context& context, const Model& model)
      : context_(context),
        model_(model),
        loops_(choose_dispersion_loops<T>()),
        mixtures_(index(model.n_atoms)),
        states_(index(model.n_atoms)),
        sums_(index(model.n_atoms)) {
    for (int s = 0; s < model.n_structures; ++s) {
      const int first = model.first_atom[index(s)];
      const int n_atoms = model.first_atom[index(s) + 1] - first;
      structures_.emplace_back(std::span(model.type_of_atom).subspan(index(first), index(n_atoms)));
      for (int b = 0; b < structures_.back().n_blocks(); ++b) blocks_.push_back({s, b});
    }
  }

  [[nodiscard]] std::span<const std::string> component_names() const override {
    static const std::array<std::string, 1> kNames{"dispersion"};
    return kNames;
  }

  void evaluate(const Batch& batch, EvaluateWant want, DeviceEvaluation& out) override {
    if (batch.n_atoms != model_.n_atoms)
      throw KernelError(ErrorCode::internal, "this potential was made for another batch");
    place(batch);
    for_each_block(model_.coordination_cutoff_A, [this](Work& work) { count_neighbors(work); });
    for_each_block(model_.cutoff_A, [this](Work& work) { attract(work); });
    if (want.forces || want.stress)
      for_each_block(model_.coordination_cutoff_A, [this](Work& work) { add_chain(work); });
    store_dispersion(context_, batch, sums_.data(), want, out);
  }

  [[nodiscard]] bool confirm() override { return true; }
  [[nodiscard]] std::vector<ListReference> list_references() const override { return {}; }
  void restore_lists(const Batch&, std::span<const ListReference>) override {}

 private:
  struct Block {
    int structure, block;
  };

  /// What a thread works with.
  struct Work {
    const Surroundings<T>* structure;
    Runs runs;
    Crowd<T> crowd;
    std::vector<CrowdType<T>> types;
    std::array<int, kCrowd<T>> atoms;  ///< in the batch
    int n_own;                         ///< atoms; the lanes after them repeat the last
    CrowdSums<T> sums;
  };

  void place(const Batch& batch) {
    const double reach = std::max(model_.cutoff_A, model_.coordination_cutoff_A);
    for (int s = 0; s < model_.n_structures; ++s)
      check_cell(batch.cells.data() + 9 * s, batch.pbc.data() + 3 * s, reach, s);
    const double* const positions = batch.positions.data();
    for (std::size_t k = 0; k < batch.positions.size(); ++k) {
      if (!(std::abs(positions[k]) < 1e8)) throw absurd_position();
    }
    std::atomic<int> next = 0;
    on_threads(std::min(context_.n_threads(), model_.n_structures), [&](int, int) {
      for (int s = next++; s < model_.n_structures; s = next++) {
        const int first = model_.first_atom[index(s)];
        structures_[index(s)].place({first, model_.first_atom[index(s) + 1] - first, positions + 3 * first,
                                     batch.cells.data() + 9 * s, batch.pbc.data() + 3 * s},
                                    reach);
      }
    });
    double meetings = 0;
    for (const auto& structure : structures_) meetings += 1.0 * structure.n_blocks() * structure.n_points();
    n_threads_ = static_cast<int>(std::clamp(meetings / kMeetingsPerThread, 1.0, 1.0 * context_.n_threads()));
  }

  /// body(work) for every block, whose neighbors up to `radius` are in the work.
  template <class Body>
  void for_each_block(double radius, Body body) {
    std::atomic<std::size_t> next = 0;
    on_threads(n_threads_, [&](int, int) {
      Work work;
      for (std::size_t first = next.fetch_add(kBlocksAtOnce); first < blocks_.size();
           first = next.fetch_add(kBlocksAtOnce)) {
        const std::size_t last = std::min(first + kBlocksAtOnce, blocks_.size());
        for (std::size_t k = first; k < last; ++k) {
          begin(blocks_[k], radius, work);
          body(work);
        }
      }
    });
  }

  void begin(const Block& block, double radius, Work& work) {
    const Surroundings<T>& own = structures_[index(block.structure)];
    work.structure = &own;
    own.find_runs(block.block, radius, work.runs);
    const int first_atom = model_.first_atom[index(block.structure)];
    const auto atoms = own.atoms(block.block);
    const int n_atoms = model_.first_atom[index(block.structure) + 1] - first_atom;
    work.n_own = std::min(kCrowd<T>, n_atoms - block.block * kCrowd<T>);
    work.crowd.points = own.points();
    work.crowd.atoms = states_.data();
    work.crowd.runs = work.runs.runs.data();
    work.crowd.first_of_type = work.runs.first_of_type.data();
    work.crowd.n_types = static_cast<int>(own.types().size());
    work.crowd.cutoff_squared = static_cast<T>(radius * radius);
    work.types.resize(own.types().size());
    for (std::size_t lane = 0; lane < kCrowd<T>; ++lane) {
      const auto& x = own.position(atoms[lane]);
      work.atoms[lane] = first_atom + atoms[lane];
      work.crowd.x[lane] = static_cast<T>(x[0]);
      work.crowd.y[lane] = static_cast<T>(x[1]);
      work.crowd.z[lane] = static_cast<T>(x[2]);
      work.crowd.slope[lane] = states_[index(work.atoms[lane])].slope;
      for (std::size_t t = 0; t < work.types.size(); ++t) {
        const std::size_t pair = pair_of(work.atoms[lane], own.types()[t]);
        work.types[t].n_references = model_.n_references[index(own.types()[t])];
        work.types[t].bond[lane] = static_cast<T>(model_.bond[pair]);
      }
    }
  }

  [[nodiscard]] std::size_t pair_of(int atom, int type) const {
    return index(model_.type_of_atom[index(atom)] * model_.n_types + type);
  }

  void count_neighbors(Work& work) {
    double coordination[kCrowd<T>];
    loops_.count(work.crowd, work.types.data(), coordination);
    for (std::size_t lane = 0; lane < index(work.n_own); ++lane) {
      const int atom = work.atoms[lane];
      const auto type = index(model_.type_of_atom[index(atom)]);
      Mixture& mixture = mixtures_[index(atom)];
      dispersion::weigh_references(model_.n_references[type],
                                   model_.reference_coordination.data() + type * kLargestReferenceCount,
                                   coordination[lane], mixture.weight.data(), mixture.slope.data());
      std::ranges::transform(mixture.weight, states_[index(atom)].weight, [](double w) { return static_cast<T>(w); });
    }
  }

  void attract(Work& work) {
    const std::span<const int> types = work.structure->types();
    for (std::size_t lane = 0; lane < kCrowd<T>; ++lane) {
      const Mixture& mixture = mixtures_[index(work.atoms[lane])];
      for (std::size_t t = 0; t < types.size(); ++t)
        mix(mixture, pair_of(work.atoms[lane], types[t]), lane, work.types[t]);
    }
    loops_.attract(work.crowd, work.types.data(), static_cast<T>(model_.s6), work.sums);
    for (std::size_t lane = 0; lane < index(work.n_own); ++lane) {
      const int atom = work.atoms[lane];
      sums_[index(atom)] = sum_of(work, lane);
      states_[index(atom)].slope = static_cast<T>(work.sums.slope[lane]);
    }
  }

  void mix(const Mixture& mixture, std::size_t pair, std::size_t lane, CrowdType<T>& type) const {
    type.ratio[lane] = static_cast<T>(model_.ratio[pair]);
    type.r0_6[lane] = static_cast<T>(model_.r0_6[pair]);
    type.r0_8[lane] = static_cast<T>(model_.r0_8[pair]);
    const double* const c6 = model_.c6.data() + pair * kLargestReferenceCount * kLargestReferenceCount;
    for (std::size_t b = 0; b < kLargestReferenceCount; ++b) {
      double mixed = 0;
      double slope = 0;
      for (std::size_t a = 0; a < kLargestReferenceCount; ++a) {
        mixed += mixture.weight[a] * c6[a * kLargestReferenceCount + b];
        slope += mixture.slope[a] * c6[a * kLargestReferenceCount + b];
      }
      type.c6[b][lane] = static_cast<T>(mixed);
      type.c6_slope[b][lane] = static_cast<T>(slope);
    }
  }

  void add_chain(Work& work) {
    loops_.chain(work.crowd, work.types.data(), work.sums);
    for (std::size_t lane = 0; lane < index(work.n_own); ++lane) sums_[index(work.atoms[lane])] += sum_of(work, lane);
  }

  static DispersionSum sum_of(const Work& work, std::size_t lane) {
    DispersionSum sum{};
    sum.energy = 0.5 * work.sums.energy[lane];
    for (std::size_t a = 0; a < 3; ++a) sum.force[a] = work.sums.force[a][lane];
    for (std::size_t a = 0; a < 6; ++a) sum.virial[a] = 0.5 * work.sums.virial[a][lane];
    return sum;
  }

  const Context& context_;
  Model model_;
  const DispersionLoops<T>& loops_;
  std::vector<Surroundings<T>> structures_;
  std::vector<Block> blocks_;
  std::vector<Mixture> mixtures_;     ///< [n_atoms]
  std::vector<AtomState<T>> states_;  ///< [n_atoms]
  std::vector<DispersionSum> sums_;   ///< [n_atoms]
  int n_threads_ = 1;
};

}  // namespace

std::unique_ptr<Potential> make_dispersion_cpu(const Context& context, const Model& model, Precision precision) {
  if (precision == Precision::float64) return std::make_unique<DispersionCpu<double>>(context, model);
  return std::make_unique<DispersionCpu<float>>(context, model);
}

}  // namespace mofkernel::cpu
