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

BondedTerms::BondedTerms(const uff4mof::TermTable& table)
    : table_(table),
      kernels_(choose_simd_kernels()),
      edges_(index(table.n_edges()) * 8),
      edge_gradients_(index(table.n_edges()) * 3) {
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

void BondedTerms::prepare(int n_threads) {
  if (thread_gradients_.size() < index(n_threads)) thread_gradients_.resize(index(n_threads));
  for (int t = 0; t < n_threads; ++t) thread_gradients_[index(t)].resize(edges_.size());
}

void BondedTerms::place(const Batch& batch, int thread, int n_threads) {
  const double* const positions = batch.positions.data();
  const double* const cells = batch.cells.data();
  const int* const pbc = batch.pbc.data();
  const auto [first, last] = share(table_.n_edges(), thread, n_threads);
  for (int e = first; e < last; ++e) {
    const int i = table_.edge_from[index(e)];
    const int j = table_.edge_to[index(e)];
    const Shift& shift = table_.edge_shift[index(e)];
    const int s = batch.structure_of_atom.data()[i];
    double image[3] = {0, 0, 0};
    // Arrays are compared by a call of memcmp(), which took 4 to 10 % of a step.
    if ((shift[0] | shift[1] | shift[2]) != 0) {
      double lattice[3];
      for (int a = 0; a < 3; ++a) lattice[a] = pbc[3 * s + a] != 0 ? shift[index(a)] : 0.0;
      row_times_matrix(lattice, cells + 9 * s, image);
    }
    double* const out = edges_.data() + 8 * index(e);
    for (int a = 0; a < 3; ++a) {
      out[a] = positions[3 * j + a] - positions[3 * i + a] + image[a];
      out[4 + a] = -out[a];
    }
  }
}

void BondedTerms::compute(int thread, int n_threads) {
  using TermLoop = void (*)(const TermWork&, int, int);
  const std::array<TermLoop, kTermKinds> loops{kernels_.bonds, kernels_.angles, kernels_.torsions, kernels_.inversions};
  AlignedVector<double>& gradients = thread_gradients_[index(thread)];
  std::fill(gradients.begin(), gradients.end(), 0.0);
  for (std::size_t k = 0; k < kTermKinds; ++k) {
    PackedTerms& packed = packed_[k];
    const auto [first, last] = share(packed.n_packs, thread, n_threads);
    loops[k](
        {edges_.data(), packed.edge_codes.data(), packed.parameters.data(), gradients.data(), packed.energies.data()},
        first, last);
  }
}

void BondedTerms::sum_edges(int thread, int n_threads) {
  const auto [first, last] = share(table_.n_edges(), thread, n_threads);
  for (int e = first; e < last; ++e) {
    double sum[3] = {0, 0, 0};
    for (int t = 0; t < n_threads; ++t) {
      // The second counts for an edge seen from its other end.
      const double* const gradient = thread_gradients_[index(t)].data() + 8 * index(e);
      for (int a = 0; a < 3; ++a) sum[a] += gradient[a] - gradient[4 + a];
    }
    for (std::size_t a = 0; a < 3; ++a) edge_gradients_[3 * index(e) + a] = sum[a];
  }
}

std::array<double, 3> BondedTerms::force(int atom) const {
  std::array<double, 3> sum{};
  for (int k = table_.first_edge_of_atom[index(atom)]; k < table_.first_edge_of_atom[index(atom) + 1]; ++k) {
    const int code = table_.edge_codes_of_atom[index(k)];
    // An edge's vector grows when its far end moves along it and shrinks when its near end does.
    const double sign = code % 2 == 0 ? 1.0 : -1.0;
    for (std::size_t a = 0; a < 3; ++a) sum[a] += sign * edge_gradients_[3 * index(code / 2) + a];
  }
  return sum;
}

double BondedTerms::energy(std::size_t kind, int structure) const {
  const PackedTerms& packed = packed_[kind];
  std::array<double, kPackSize> sum{};
  for (int pack = packed.first_pack[index(structure)]; pack < packed.first_pack[index(structure) + 1]; ++pack) {
    for (std::size_t lane = 0; lane < kPackSize; ++lane) sum[lane] += packed.energies[index(pack) * kPackSize + lane];
  }
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

void BondedTerms::add_virial(int first, int last, double* virial) const {
  for (int e = first; e < last; ++e) {
    const double* const d = edges_.data() + 8 * index(e);
    const double* const gradient = edge_gradients_.data() + 3 * index(e);
    for (int k = 0; k < 9; ++k) virial[k] += d[k / 3] * gradient[k % 3];
  }
}

}  // namespace mofkernel::cpu
