#include "potentials/uff4mof/bonded_terms.hpp"

#include <algorithm>

#include "backend/threads.hpp"
#include "geometry/lattice.hpp"

namespace mofkernel::cpu {

namespace {

using uff4mof::kTermKinds;

constexpr auto kPackSize = static_cast<std::size_t>(kTermsPerPack);

std::size_t index(int i) { return static_cast<std::size_t>(i); }

}  // namespace

BondedTerms::BondedTerms(const uff4mof::TermTable& table) : table_(table), kernels_(choose_simd_kernels()) {
  for (std::size_t k = 0; k < kTermKinds; ++k) {
    packed_[k] =
        pack_terms(table.kinds[k], uff4mof::kEdgesOfTerm[k], uff4mof::kParametersOfTerm[k], table.n_structures);
  }
}

BondedTerms::PackedTerms BondedTerms::pack_terms(const uff4mof::TermTable::Kind& kind, int n_edges, int n_parameters,
                                                 int n_structures) {
  PackedTerms packed;
  packed.first_pack = {0};
  for (int s = 0; s < n_structures; ++s) {
    const int first = kind.first_of_structure[index(s)];
    const int last = kind.first_of_structure[index(s) + 1];
    const int n_packs = (last - first + kTermsPerPack - 1) / kTermsPerPack;
    for (int pack = 0; pack < n_packs; ++pack) {
      const auto term = [&](int lane) { return first + lane * n_packs + pack; };
      for (int e = 0; e < n_edges; ++e) {
        for (int lane = 0; lane < kTermsPerPack; ++lane)
          packed.edge_codes.push_back(kind.edge_codes[index(std::min(term(lane), last - 1) * n_edges + e)]);
      }
      for (int p = 0; p < n_parameters; ++p) {
        for (int lane = 0; lane < kTermsPerPack; ++lane)
          packed.parameters.push_back(term(lane) < last ? kind.parameters[index(term(lane) * n_parameters + p)] : 0.0);
      }
    }
    packed.n_packs += n_packs;
    packed.first_pack.push_back(packed.n_packs);
  }
  packed.energies.resize(index(packed.n_packs) * kPackSize);
  return packed;
}

void BondedTerms::share_out(int n_parts) {
  if (parts_.size() == index(n_parts)) return;
  parts_.clear();
  for (int k = 0; k < n_parts; ++k) parts_.push_back(make_part(k, n_parts));
}

BondedTerms::Part BondedTerms::make_part(int part, int n_parts) const {
  Part made;
  std::vector<std::uint8_t> is_used(index(table_.n_edges()), 0);
  for (std::size_t k = 0; k < kTermKinds; ++k) {
    const int n_codes = uff4mof::kEdgesOfTerm[k] * kTermsPerPack;  // of a pack
    made.packs[k] = share(packed_[k].n_packs, part, n_parts);
    for (int code = made.packs[k].first * n_codes; code < made.packs[k].second * n_codes; ++code)
      is_used[index(packed_[k].edge_codes[index(code)] / 2)] = 1;
  }
  for (int e = 0; e < table_.n_edges(); ++e) {
    if (is_used[index(e)] != 0) made.edges.push_back(e);
  }
  made.vectors.resize(8 * index(table_.n_edges()));
  made.gradients.resize(8 * index(table_.n_edges()));
  return made;
}

/// Vectors of the edges of a part; no gradients yet.
void BondedTerms::place(const Batch& batch, Part& part) const {
  const double* const positions = batch.positions.data();
  const double* const cells = batch.cells.data();
  const int* const pbc = batch.pbc.data();
  for (const int e : part.edges) {
    const int i = table_.edge_from[index(e)];
    const int j = table_.edge_to[index(e)];
    const Shift& shift = table_.edge_shift[index(e)];
    double image[3] = {0, 0, 0};
    // Arrays are compared by a call of memcmp(), which took 4 to 10 % of a step.
    if ((shift[0] | shift[1] | shift[2]) != 0) {
      const int s = batch.structure_of_atom.data()[i];
      double lattice[3];
      for (int a = 0; a < 3; ++a) lattice[a] = pbc[3 * s + a] != 0 ? shift[index(a)] : 0.0;
      row_times_matrix(lattice, cells + 9 * s, image);
    }
    double* const out = part.vectors.data() + 8 * index(e);
    for (int a = 0; a < 3; ++a) {
      out[a] = positions[3 * j + a] - positions[3 * i + a] + image[a];
      out[4 + a] = -out[a];
    }
    std::fill_n(part.gradients.data() + 8 * index(e), 8, 0.0);
  }
}

void BondedTerms::place_and_compute(const Batch& batch, int part_number) {
  using TermLoop = void (*)(const TermWork&, int, int);
  const std::array<TermLoop, kTermKinds> loops{kernels_.bonds, kernels_.angles, kernels_.torsions, kernels_.inversions};
  Part& part = parts_[index(part_number)];
  place(batch, part);
  for (std::size_t k = 0; k < kTermKinds; ++k) {
    PackedTerms& packed = packed_[k];
    loops[k]({part.vectors.data(), packed.edge_codes.data(), packed.parameters.data(), part.gradients.data(),
              packed.energies.data()},
             part.packs[k].first, part.packs[k].second);
  }
}

void BondedTerms::add_forces(int part_number, const ClusterRows& rows, double* forces) const {
  const Part& part = parts_[index(part_number)];
  for (const int e : part.edges) {
    const double* const gradient = part.gradients.data() + 8 * index(e);
    // An edge's vector grows when its far end moves along it and shrinks when its near end does.
    double* const near = forces + rows.place_of_atom[index(table_.edge_from[index(e)])];
    double* const far = forces + rows.place_of_atom[index(table_.edge_to[index(e)])];
    for (int a = 0; a < 3; ++a) {
      // The second counts for an edge seen from its other end.
      const double slope = gradient[a] - gradient[4 + a];
      near[a * rows.n_lanes] += slope;
      far[a * rows.n_lanes] -= slope;
    }
  }
}

void BondedTerms::add_virials(const Batch& batch, int part_number, double* virials) const {
  const Part& part = parts_[index(part_number)];
  for (const int e : part.edges) {
    const double* const d = part.vectors.data() + 8 * index(e);
    const double* const gradient = part.gradients.data() + 8 * index(e);
    double* const virial = virials + 9 * batch.structure_of_atom.data()[table_.edge_from[index(e)]];
    for (int k = 0; k < 9; ++k) virial[k] += d[k / 3] * (gradient[k % 3] - gradient[4 + k % 3]);
  }
}

double BondedTerms::energy(std::size_t kind, int structure) const {
  const PackedTerms& packed = packed_[kind];
  std::array<double, kPackSize> sum{};
  for (int pack = packed.first_pack[index(structure)]; pack < packed.first_pack[index(structure) + 1]; ++pack) {
    for (std::size_t lane = 0; lane < kPackSize; ++lane) sum[lane] += packed.energies[index(pack) * kPackSize + lane];
  }
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

}  // namespace mofkernel::cpu
