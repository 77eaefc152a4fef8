// The same steps as evaluate.dual.cpp with three differences that make it about four times as fast: every pair is
// counted once, from rows in which the neighbors are grouped by type; images of atoms are points of their own, so that
// no lattice shift is added in the inner loop and the virial is a sum over points; four terms are calculated at once.
#include "potentials/uff4mof/evaluate_cpu.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "geometry/lattice.hpp"
#include "geometry/neighbor_list.hpp"
#include "potentials/uff4mof/simd_kernels.hpp"

namespace mofkernel::cpu {

namespace {

using uff4mof::kTermKinds;

constexpr int kComponents = kTermKinds + 1;
constexpr auto kPackSize = static_cast<std::size_t>(kTermsPerPack);

/// A thread of its own pays when it gets this many pairs (about 20 microseconds); a term counts as so many pairs.
constexpr int kPairsPerThread = 16384;
constexpr int kPairsPerTerm = 6;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

/// Share [first, last) of part `part` of `n_parts` of n things.
std::pair<int, int> share(int n, int part, int n_parts) {
  const auto at = [=](int k) { return static_cast<int>(static_cast<std::int64_t>(n) * k / n_parts); };
  return {at(part), at(part + 1)};
}

/// Terms of one kind in packs that never mix structures; the last pack of a structure is filled up with terms without
/// energy.
struct PackedTerms {
  int n_packs = 0;
  std::vector<int> first_pack;     ///< [n_structures + 1]
  std::vector<int> edge_codes;     ///< [n_packs][edges][4]
  std::vector<double> parameters;  ///< [n_packs][parameters][4]
  std::vector<double> slots;       ///< [4 n_packs][edges][4]
  std::vector<double> energies;    ///< [n_packs][4]
  std::vector<int> place;          ///< [n_terms] where term t stands: 4 * pack + lane
};

PackedTerms pack_terms(const uff4mof::TermTable::Kind& kind, int n_edges, int n_parameters, int n_structures) {
  PackedTerms packed;
  packed.first_pack = {0};
  packed.place.resize(index(kind.n_terms));
  for (int s = 0; s < n_structures; ++s) {
    const int first = kind.first_of_structure[index(s)];
    const int last = kind.first_of_structure[index(s) + 1];
    for (int t = first; t < last; t += kTermsPerPack) {
      const auto lane_term = [&](int lane) { return std::min(t + lane, last - 1); };
      for (int e = 0; e < n_edges; ++e) {
        for (int lane = 0; lane < kTermsPerPack; ++lane) {
          packed.edge_codes.push_back(kind.edge_codes[index(lane_term(lane) * n_edges + e)]);
        }
      }
      for (int p = 0; p < n_parameters; ++p) {
        for (int lane = 0; lane < kTermsPerPack; ++lane) {
          packed.parameters.push_back(t + lane < last ? kind.parameters[index((t + lane) * n_parameters + p)] : 0.0);
        }
      }
      for (int lane = 0; lane < kTermsPerPack && t + lane < last; ++lane) {
        packed.place[index(t + lane)] = packed.n_packs * kTermsPerPack + lane;
      }
      ++packed.n_packs;
    }
    packed.first_pack.push_back(packed.n_packs);
  }
  packed.slots.resize(index(packed.n_packs) * kPackSize * index(n_edges) * 4);
  packed.energies.resize(index(packed.n_packs) * kPackSize);
  return packed;
}

/// A gradient that an edge collects: where it lies, and with which sign it counts.
struct SlotOfEdge {
  const double* gradient;
  double sign;
};

class Uff4mofCpu final : public Potential {
 public:
  Uff4mofCpu(const Context& context, const uff4mof::TermTable& table, double skin_A,
             std::unique_ptr<Potential> plain_twin)
      : context_(context),
        table_(table),
        plain_twin_(std::move(plain_twin)),
        kernels_(choose_simd_kernels()),
        neighbor_list_(context, table.cutoff_A, skin_A),
        exclusions_{Buffer<int>(context, std::span<const int>(table.exclusion_first)),
                    Buffer<int>(context, std::span<const int>(table.exclusion_atom)),
                    Buffer<Shift>(context, std::span<const Shift>(table.exclusion_shift))},
        edges_(index(table.n_edges()) * 8),
        edge_gradients_(index(table.n_edges()) * 3),
        row_energies_(index(table.n_atoms)) {
    for (std::size_t k = 0; k < kTermKinds; ++k) {
      packed_[k] =
          pack_terms(table.kinds[k], uff4mof::kEdgesOfTerm[k], uff4mof::kParametersOfTerm[k], table.n_structures);
    }
    for (const int code : table.slot_codes) slots_of_edges_.push_back({slot(code / 2), code % 2 == 0 ? 1.0 : -1.0});
  }

  [[nodiscard]] std::span<const std::string> component_names() const override { return plain_twin_->component_names(); }

  void evaluate(const Batch& batch, EvaluateWant want, DeviceEvaluation& out) override {
    if (want.per_atom) {
      plain_twin_->evaluate(batch, want, out);
      return;
    }
    if (batch.n_atoms != table_.n_atoms)
      throw KernelError(ErrorCode::internal, "this potential was made for another batch");
    if (neighbor_list_.update(batch, exclusions_)) build_rows(batch);
    n_threads_ = choose_n_threads();
    thread_forces_.resize(index(n_threads_));
    for (auto& forces : thread_forces_) forces.resize(positions_.size());
#ifdef _OPENMP
#pragma omp parallel num_threads(n_threads_) if (n_threads_ > 1)
    {
      // The system may grant fewer threads than asked for.
#pragma omp single
      n_threads_ = omp_get_num_threads();
      const int thread = omp_get_thread_num();
      place_points(batch, thread, n_threads_);
#pragma omp barrier
      run_inner_loops(thread);
#pragma omp barrier
      sum_edge_gradients(thread);
#pragma omp barrier
      if (want.forces) sum_forces(out, thread);
    }
#else
    place_points(batch, 0, 1);
    run_inner_loops(0);
    sum_edge_gradients(0);
    if (want.forces) sum_forces(out, 0);
#endif
    sum_energies(batch, out);
    if (want.stress) sum_virials(batch, out);
  }

  [[nodiscard]] bool confirm() override { return true; }

  [[nodiscard]] std::vector<ListReference> list_references() const override { return {neighbor_list_.reference()}; }

  /// The rows come from the list and from where the points were then.
  void restore_lists(const Batch& batch, std::span<const ListReference> references) override {
    neighbor_list_.restore(batch, exclusions_, references.front());
    if (references.front().positions.empty()) return;
    Batch then = make_batch(context_, to_structures(batch));
    then.positions.upload(references.front().positions);
    then.cells.upload(references.front().cells);
    build_rows(then);
  }

 private:
  [[nodiscard]] int choose_n_threads() const {
    const int work = static_cast<int>(neighbors_.size()) + kPairsPerTerm * table_.n_terms;
    return std::clamp(work / kPairsPerThread, 1, context_.n_threads());
  }

  /// Where the gradient with this number in the term table's counting is stored here.
  [[nodiscard]] const double* slot(int number) const {
    std::size_t k = kTermKinds - 1;
    while (number < table_.kinds[k].first_slot) --k;
    const int n_edges = uff4mof::kEdgesOfTerm[k];
    const int local = number - table_.kinds[k].first_slot;
    const int place = packed_[k].place[index(local / n_edges)];
    return packed_[k].slots.data() + index(place * n_edges + local % n_edges) * 4;
  }

  /// Rows, groups and images from the neighbor list.
  void build_rows(const Batch& batch);
  /// Coordinates of atoms and images, vectors of edges; no forces yet.
  void place_points(const Batch& batch, int thread, int n_threads);
  void run_inner_loops(int thread);
  void sum_edge_gradients(int thread);
  void sum_forces(DeviceEvaluation& out, int thread);
  void sum_energies(const Batch& batch, DeviceEvaluation& out);
  void sum_virials(const Batch& batch, DeviceEvaluation& out);

  const Context& context_;
  uff4mof::TermTable table_;
  std::unique_ptr<Potential> plain_twin_;
  const SimdKernels& kernels_;
  NeighborList neighbor_list_;
  Exclusions exclusions_;

  std::array<PackedTerms, kTermKinds> packed_;
  std::vector<double> edges_;  // [2 n_edges][4] by edge code
  std::vector<SlotOfEdge> slots_of_edges_;
  std::vector<double> edge_gradients_;  // [n_edges][3]

  int n_threads_ = 1;  // of the evaluation in progress

  // Points: the atoms, their images, and one far away that fills up packs.
  std::vector<double> positions_;  // [n_points][4]
  std::vector<int> first_image_;   // [n_atoms + 1] images of an atom, as points
  std::vector<int> image_shift_;   // [n_images] packed, between wrapped positions
  std::vector<int> image_owner_;   // [n_images]
  std::vector<int> first_group_;   // [n_atoms + 1]
  std::vector<PairGroup> groups_;
  std::vector<int> neighbors_;
  std::vector<std::vector<double>> thread_forces_;  // [n_threads][n_points][4]
  std::vector<double> row_energies_;
};

/// Is this entry of the full list the one of the two that counts the pair?
bool counts_pair(int i, int j, int shift) {
  // Shifts are packed with an offset, so those of a pair seen from its two ends lie on either side of no shift.
  const int c = unpack_shift(shift, 2);
  const int b = unpack_shift(shift, 1);
  const int a = unpack_shift(shift, 0);
  return i != j ? i < j : std::tie(c, b, a) > std::tuple(0, 0, 0);
}

/// The smallest box that holds all packed shifts of a list, and none.
class ShiftBox {
 public:
  ShiftBox(int n_shifts, const int* packed) {
    for (int k = 0; k < n_shifts; ++k) {
      for (int a = 0; a < 3; ++a) {
        const int shift = unpack_shift(packed[k], a);
        low_[index(a)] = std::min(low_[index(a)], shift);
        high_[index(a)] = std::max(high_[index(a)], shift);
      }
    }
  }
  [[nodiscard]] std::size_t size() const { return index(width(0)) * index(width(1)) * index(width(2)); }
  [[nodiscard]] std::size_t place(int packed) const {
    const auto at = [&](int a) { return unpack_shift(packed, a) - low_[index(a)]; };
    return index((at(0) * width(1) + at(1)) * width(2) + at(2));
  }
  [[nodiscard]] int shift(std::size_t place) const {
    const int p = static_cast<int>(place);
    return pack_shift(low_[0] + p / (width(1) * width(2)), low_[1] + p / width(2) % width(1), low_[2] + p % width(2));
  }

 private:
  [[nodiscard]] int width(int a) const { return high_[index(a)] - low_[index(a)] + 1; }

  std::array<int, 3> low_{};
  std::array<int, 3> high_{};
};

constexpr int kNoPoint = -1;
constexpr int kNeeded = -2;

void Uff4mofCpu::build_rows(const Batch& batch) {
  const int n_atoms = table_.n_atoms;
  const int* const first = neighbor_list_.first();
  const int* const atom = neighbor_list_.atom();
  const int* const shift = neighbor_list_.shift();

  // Images, each once, in the order of their owners: a table over (atom, shift) marks those that a pair needs, then
  // holds their points. The shifts of a structure span a small box, larger only where its cell is small and so has few
  // atoms.
  std::vector<ShiftBox> boxes;
  std::vector<std::size_t> first_place;
  std::size_t n_places = 0;
  for (std::size_t s = 0; s < index(table_.n_structures); ++s) {
    const int begin = first[table_.first_atom[s]];
    const int end = first[table_.first_atom[s + 1]];
    boxes.emplace_back(end - begin, shift + begin);
    for (int i = table_.first_atom[s]; i < table_.first_atom[s + 1]; ++i, n_places += boxes[s].size()) {
      first_place.push_back(n_places);
    }
  }
  std::vector<int> points(n_places, kNoPoint);
  const int* const structure_of_atom = batch.structure_of_atom.data();
  const auto place_of = [&](int owner, int packed) {
    return first_place[index(owner)] + boxes[index(structure_of_atom[owner])].place(packed);
  };
  for (int i = 0; i < n_atoms; ++i) {
    points[place_of(i, kNoShift)] = i;
    for (int k = first[i]; k < first[i + 1]; ++k) {
      if (shift[k] != kNoShift && counts_pair(i, atom[k], shift[k])) points[place_of(atom[k], shift[k])] = kNeeded;
    }
  }
  image_owner_.clear();
  image_shift_.clear();
  first_image_.assign(1, n_atoms);
  for (int i = 0; i < n_atoms; ++i) {
    const ShiftBox& box = boxes[index(structure_of_atom[i])];
    for (std::size_t place = 0; place < box.size(); ++place) {
      int& point = points[first_place[index(i)] + place];
      if (point != kNeeded) continue;
      point = n_atoms + static_cast<int>(image_owner_.size());
      image_owner_.push_back(i);
      image_shift_.push_back(box.shift(place));
    }
    first_image_.push_back(n_atoms + static_cast<int>(image_owner_.size()));
  }
  const int far_point = first_image_.back();
  positions_.assign((index(far_point) + 1) * 4, 0.0);
  // Further from everything than any cutoff.
  for (std::size_t a = 0; a < 3; ++a) positions_[4 * index(far_point) + a] = 1e8;
  place_points(batch, 0, 1);

  const double start_squared = table_.switch_start_A * table_.switch_start_A;
  int n_types = 0;
  for (const int type : table_.pair_type) n_types = std::max(n_types, type + 1);
  first_group_.assign(1, 0);
  groups_.clear();
  neighbors_.clear();
  std::vector<std::vector<int>> by_class(index(n_types) *
                                         2);  // type, and whether the neighbor is beyond the switch's start
  for (int i = 0; i < n_atoms; ++i) {
    const double* const x = positions_.data() + 4 * index(i);
    for (int k = first[i]; k < first[i + 1]; ++k) {
      const int j = atom[k];
      if (!counts_pair(i, j, shift[k])) continue;
      const int point = points[place_of(j, shift[k])];
      const double* const y = positions_.data() + 4 * index(point);
      const double r2 = (y[0] - x[0]) * (y[0] - x[0]) + (y[1] - x[1]) * (y[1] - x[1]) + (y[2] - x[2]) * (y[2] - x[2]);
      by_class[index(2 * table_.pair_type[index(j)] + (r2 > start_squared ? 1 : 0))].push_back(point);
    }
    for (std::size_t c = 0; c < by_class.size(); ++c) {
      std::vector<int>& members = by_class[c];
      if (members.empty()) continue;
      const std::size_t pair = index(table_.pair_row[index(i)]) + c / 2;
      groups_.push_back({static_cast<int>(neighbors_.size()),
                         static_cast<int>((members.size() + kPackSize - 1) / kPackSize), table_.pair_a[pair],
                         table_.pair_b[pair]});
      members.resize((members.size() + kPackSize - 1) / kPackSize * kPackSize, far_point);
      neighbors_.insert(neighbors_.end(), members.begin(), members.end());
      members.clear();
    }
    first_group_.push_back(static_cast<int>(groups_.size()));
  }
}

void Uff4mofCpu::place_points(const Batch& batch, int thread, int n_threads) {
  const double* const positions = batch.positions.data();
  const double* const cells = batch.cells.data();
  const int* const pbc = batch.pbc.data();
  const int* const wrap = neighbor_list_.wrap();
  const auto place = [&](int owner, const std::array<int, 3>& lattice_shift, double* out) {
    const int s = batch.structure_of_atom.data()[owner];
    double lattice[3];
    for (int a = 0; a < 3; ++a) {
      const int shift = wrap[3 * owner + a] + lattice_shift[index(a)];
      lattice[a] = pbc[3 * s + a] != 0 ? shift : 0.0;
    }
    row_times_matrix(lattice, cells + 9 * s, out);
    for (int a = 0; a < 3; ++a) out[a] += positions[3 * owner + a];
  };
  const int n_images = static_cast<int>(image_owner_.size());
  const auto [first_point, last_point] = share(table_.n_atoms + n_images, thread, n_threads);
  for (int point = first_point; point < last_point; ++point) {
    double* const out = positions_.data() + 4 * index(point);
    if (point < table_.n_atoms) {
      place(point, {0, 0, 0}, out);
    } else {
      const int packed = image_shift_[index(point - table_.n_atoms)];
      place(image_owner_[index(point - table_.n_atoms)],
            {unpack_shift(packed, 0), unpack_shift(packed, 1), unpack_shift(packed, 2)}, out);
    }
  }
  const auto [first_edge, last_edge] = share(table_.n_edges(), thread, n_threads);
  for (int e = first_edge; e < last_edge; ++e) {
    const int i = table_.edge_from[index(e)];
    const int j = table_.edge_to[index(e)];
    const Shift& shift = table_.edge_shift[index(e)];
    const int s = batch.structure_of_atom.data()[i];
    double lattice[3];
    for (int a = 0; a < 3; ++a) lattice[a] = pbc[3 * s + a] != 0 ? shift[index(a)] : 0.0;
    double image[3];
    row_times_matrix(lattice, cells + 9 * s, image);
    double* const out = edges_.data() + 8 * index(e);
    for (int a = 0; a < 3; ++a) {
      out[a] = positions[3 * j + a] - positions[3 * i + a] + image[a];
      out[4 + a] = -out[a];
    }
  }
}

void Uff4mofCpu::run_inner_loops(int thread) {
  using TermLoop = void (*)(const TermWork&, int, int);
  const std::array<TermLoop, kTermKinds> loops{kernels_.bonds, kernels_.angles, kernels_.torsions, kernels_.inversions};
  for (std::size_t k = 0; k < kTermKinds; ++k) {
    PackedTerms& packed = packed_[k];
    const auto [first, last] = share(packed.n_packs, thread, n_threads_);
    loops[k]({edges_.data(), packed.edge_codes.data(), packed.parameters.data(), packed.slots.data(),
              packed.energies.data()},
             first, last);
  }
  std::vector<double>& forces = thread_forces_[index(thread)];
  std::fill(forces.begin(), forces.end(), 0.0);
  const double width = table_.cutoff_A - table_.switch_start_A;
  const bool is_switched = table_.truncation == uff4mof::Truncation::switched && width > 0;
  const PairWork work{positions_.data(),
                      first_group_.data(),
                      groups_.data(),
                      neighbors_.data(),
                      table_.cutoff_A * table_.cutoff_A,
                      is_switched ? table_.switch_start_A : table_.cutoff_A,
                      is_switched ? 1.0 / width : 0.0,
                      row_energies_.data()};
  // The first rows are the longest, because a pair is counted from its lower atom: every thread gets the rows that
  // begin in its share of the neighbors.
  const int n_neighbors = static_cast<int>(neighbors_.size());
  const auto row_at = [&](int part) {
    const int begin = share(n_neighbors, part, n_threads_).first;
    int low = 0;
    for (int high = table_.n_atoms; low < high;) {
      const int row = (low + high) / 2;
      const std::size_t group = index(first_group_[index(row)]);
      const int row_begin = group < groups_.size() ? groups_[group].first_neighbor : n_neighbors;
      if (row_begin < begin) {
        low = row + 1;
      } else {
        high = row;
      }
    }
    return low;
  };
  const int first = row_at(thread);
  const int last = thread + 1 == n_threads_ ? table_.n_atoms : row_at(thread + 1);
  kernels_.pairs(work, first, last, forces.data());
}

void Uff4mofCpu::sum_edge_gradients(int thread) {
  const auto [first, last] = share(table_.n_edges(), thread, n_threads_);
  for (int e = first; e < last; ++e) {
    double sum[3] = {0, 0, 0};
    for (int k = table_.first_slot_of_edge[index(e)]; k < table_.first_slot_of_edge[index(e) + 1]; ++k) {
      const SlotOfEdge& slot = slots_of_edges_[index(k)];
      for (int a = 0; a < 3; ++a) sum[a] += slot.sign * slot.gradient[a];
    }
    for (std::size_t a = 0; a < 3; ++a) edge_gradients_[3 * index(e) + a] = sum[a];
  }
}

void Uff4mofCpu::sum_forces(DeviceEvaluation& out, int thread) {
  const auto [first, last] = share(table_.n_atoms, thread, n_threads_);
  double* const out_forces = out.forces.data();
  for (int i = first; i < last; ++i) {
    double sum[3] = {0, 0, 0};
    for (int k = table_.first_edge_of_atom[index(i)]; k < table_.first_edge_of_atom[index(i) + 1]; ++k) {
      const int code = table_.edge_codes_of_atom[index(k)];
      const double sign = code % 2 == 0 ? 1.0 : -1.0;
      for (std::size_t a = 0; a < 3; ++a) sum[a] += sign * edge_gradients_[3 * index(code / 2) + a];
    }
    for (int t = 0; t < n_threads_; ++t) {
      const std::vector<double>& forces = thread_forces_[index(t)];
      for (std::size_t a = 0; a < 3; ++a) sum[a] += forces[4 * index(i) + a];
      for (int image = first_image_[index(i)]; image < first_image_[index(i) + 1]; ++image) {
        for (std::size_t a = 0; a < 3; ++a) sum[a] += forces[4 * index(image) + a];
      }
    }
    for (std::size_t a = 0; a < 3; ++a) out_forces[3 * index(i) + a] = sum[a];
  }
}

/// Zero without a volume: the tail of a density that is not there is nothing.
double inverse_volume(const Batch& batch, int s) {
  const int* const pbc = batch.pbc.data() + 3 * s;
  return pbc[0] + pbc[1] + pbc[2] == 3 ? 1.0 / std::abs(determinant(batch.cells.data() + 9 * s)) : 0.0;
}

void Uff4mofCpu::sum_energies(const Batch& batch, DeviceEvaluation& out) {
  for (int s = 0; s < table_.n_structures; ++s) {
    double* const components = out.energy_components.data() + kComponents * s;
    for (std::size_t k = 0; k < kTermKinds; ++k) {
      const PackedTerms& packed = packed_[k];
      std::array<double, kPackSize> sum{};
      for (int pack = packed.first_pack[index(s)]; pack < packed.first_pack[index(s) + 1]; ++pack) {
        for (std::size_t lane = 0; lane < kPackSize; ++lane)
          sum[lane] += packed.energies[index(pack) * kPackSize + lane];
      }
      components[k] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    }
    double pairs = 0;
    for (int i = table_.first_atom[index(s)]; i < table_.first_atom[index(s) + 1]; ++i)
      pairs += row_energies_[index(i)];
    components[kTermKinds] = pairs + table_.tail_energy[index(s)] * inverse_volume(batch, s);
    double total = 0;
    for (int c = 0; c < kComponents; ++c) total += components[c];
    out.energies.data()[s] = total;
  }
}

void Uff4mofCpu::sum_virials(const Batch& batch, DeviceEvaluation& out) {
  for (int s = 0; s < table_.n_structures; ++s) {
    double virial[9] = {};
    const auto add = [&virial](const double* d, const double* gradient) {
      for (int k = 0; k < 9; ++k) virial[k] += d[k / 3] * gradient[k % 3];
    };
    for (int e = table_.first_edge[index(s)]; e < table_.first_edge[index(s) + 1]; ++e) {
      add(edges_.data() + 8 * index(e), edge_gradients_.data() + 3 * index(e));
    }
    // Sum over pairs of d (x) dE/dd = - sum over points of x (x) force, because each pair pulls its points equally. The
    // origin is free: near the atoms it costs the fewest digits.
    const int first_atom = table_.first_atom[index(s)];
    const int last_atom = table_.first_atom[index(s) + 1];
    const double* const origin = positions_.data() + 4 * index(first_atom);
    const auto add_points = [&](const std::vector<double>& forces, int first, int last) {
      for (int point = first; point < last; ++point) {
        const double* const x = positions_.data() + 4 * index(point);
        const double* const f = forces.data() + 4 * index(point);
        const double d[3] = {origin[0] - x[0], origin[1] - x[1], origin[2] - x[2]};
        add(d, f);
      }
    };
    for (int t = 0; t < n_threads_; ++t) {
      add_points(thread_forces_[index(t)], first_atom, last_atom);
      add_points(thread_forces_[index(t)], first_image_[index(first_atom)], first_image_[index(last_atom)]);
    }
    const double tail = table_.tail_virial[index(s)] * inverse_volume(batch, s);
    double* const result = out.virials.data() + 9 * s;
    // Symmetric by rotational invariance; the halves differ by rounding only.
    for (int a = 0; a < 3; ++a) {
      for (int b = 0; b < 3; ++b)
        result[3 * a + b] = 0.5 * (virial[3 * a + b] + virial[3 * b + a]) + (a == b ? tail : 0.0);
    }
  }
}

}  // namespace

std::unique_ptr<Potential> make_uff4mof_cpu(const Context& context, const uff4mof::TermTable& table, double skin_A,
                                            std::unique_ptr<Potential> plain_twin) {
  return std::make_unique<Uff4mofCpu>(context, table, skin_A, std::move(plain_twin));
}

}  // namespace mofkernel::cpu
