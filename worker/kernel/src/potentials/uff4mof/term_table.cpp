#include "potentials/uff4mof/term_table.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "errors.hpp"
#include "potentials/uff4mof/tail.hpp"

namespace mofkernel::uff4mof {

namespace {

Shift minus(const Shift& a, const Shift& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }

/// Collects the edges of one structure, each once whichever end it is asked for from.
class EdgeCollector {
 public:
  EdgeCollector(TermTable& table, int first_atom, int n_atoms)
      : table_(table), first_atom_(first_atom), n_atoms_(n_atoms) {}

  /// Code of the edge from atom i to the image `shift` of atom j.
  int code(int i, int j, const Shift& shift) {
    check_atom(i);
    check_atom(j);
    const Shift reversed = minus({0, 0, 0}, shift);
    const bool is_reversed = std::tie(j, reversed) < std::tie(i, shift);
    const auto key = is_reversed ? std::tuple(j, i, reversed) : std::tuple(i, j, shift);
    const auto [entry, is_new] = edges_.try_emplace(key, table_.n_edges());
    if (is_new) {
      table_.edge_from.push_back(first_atom_ + std::get<0>(key));
      table_.edge_to.push_back(first_atom_ + std::get<1>(key));
      table_.edge_shift.push_back(std::get<2>(key));
    }
    return 2 * entry->second + (is_reversed ? 1 : 0);
  }

 private:
  void check_atom(int i) const {
    if (i < 0 || i >= n_atoms_) {
      throw KernelError(ErrorCode::internal, "a UFF4MOF term names atom " + std::to_string(i) +
                                                 " of a structure with " + std::to_string(n_atoms_) + " atoms");
    }
  }

  TermTable& table_;
  int first_atom_;
  int n_atoms_;
  std::map<std::tuple<int, int, Shift>, int> edges_;
};

void add_term(TermTable::Kind& kind, std::initializer_list<int> edge_codes, std::span<const double> parameters) {
  kind.edge_codes.insert(kind.edge_codes.end(), edge_codes);
  kind.parameters.insert(kind.parameters.end(), parameters.begin(), parameters.end());
  ++kind.n_terms;
}

void add_bonded_terms(TermTable& table, const Terms& terms, int first_atom) {
  EdgeCollector edges(table, first_atom, terms.n_atoms);
  for (const BondTerm& t : terms.bonds) {
    add_term(table.kinds[kBond], {edges.code(t.i, t.j, t.shift)}, std::array{t.k, t.r0});
  }
  for (const AngleTerm& t : terms.angles) {
    add_term(table.kinds[kAngle], {edges.code(t.j, t.i, t.shift_i), edges.code(t.j, t.k, t.shift_k)}, t.coefficients);
  }
  for (const TorsionTerm& t : terms.torsions) {
    add_term(table.kinds[kTorsion],
             {edges.code(t.j, t.i, t.shift_i), edges.code(t.j, t.k, t.shift_k),
              edges.code(t.k, t.l, minus(t.shift_l, t.shift_k))},
             t.coefficients);
  }
  for (const InversionTerm& t : terms.inversions) {
    add_term(table.kinds[kInversion],
             {edges.code(t.center, t.j, t.shift_j), edges.code(t.center, t.k, t.shift_k),
              edges.code(t.center, t.l, t.shift_l)},
             std::array{t.k_eV, t.c0, t.c1, t.c2});
  }
}

void add_pair_parameters(TermTable& table, const Terms& terms, int first_atom) {
  const auto n_types = static_cast<std::size_t>(terms.n_lj_types);
  if (terms.lj_type.size() != static_cast<std::size_t>(terms.n_atoms) ||
      terms.lj_epsilon_eV.size() != n_types * n_types || terms.lj_x_A.size() != n_types * n_types) {
    throw KernelError(ErrorCode::internal, "the Lennard-Jones tables of UFF4MOF terms have the wrong size");
  }
  const auto first_row = static_cast<int>(table.pair_a.size());
  std::vector<double> count(n_types, 0.0);
  for (const std::int32_t type : terms.lj_type) {
    if (type < 0 || type >= terms.n_lj_types)
      throw KernelError(ErrorCode::internal, "an atom has no Lennard-Jones type");
    table.pair_type.push_back(type);
    table.pair_row.push_back(first_row + type * terms.n_lj_types);
    count[static_cast<std::size_t>(type)] += 1.0;
  }
  std::vector<double> tail_energy_of_type(n_types, 0.0);
  double tail_energy = 0;
  double tail_virial = 0;
  for (std::size_t a = 0; a < n_types; ++a) {
    for (std::size_t b = 0; b < n_types; ++b) {
      const double epsilon = terms.lj_epsilon_eV[a * n_types + b];
      const double x = terms.lj_x_A[a * n_types + b];
      const double x6 = std::pow(x, 6);
      table.pair_a.push_back(epsilon * x6 * x6);
      table.pair_b.push_back(2 * epsilon * x6);
      if (!terms.tail_correction) continue;
      const PairTail tail = compute_pair_tail(epsilon, x, terms.truncation, terms.switch_start_A, terms.cutoff_A);
      tail_energy_of_type[a] += count[b] * tail.energy;
      tail_energy += count[a] * count[b] * tail.energy;
      tail_virial += count[a] * count[b] * tail.virial;
    }
  }
  table.tail_energy.push_back(tail_energy);
  table.tail_virial.push_back(tail_virial);
  for (const std::int32_t type : terms.lj_type) {
    table.tail_energy_of_atom.push_back(tail_energy_of_type[static_cast<std::size_t>(type)]);
  }

  auto exclusion = terms.exclusions.begin();
  for (int i = 0; i < terms.n_atoms; ++i) {
    for (; exclusion != terms.exclusions.end() && exclusion->i == i; ++exclusion) {
      table.exclusion_atom.push_back(first_atom + exclusion->j);
      table.exclusion_shift.push_back(exclusion->shift);
    }
    table.exclusion_first.push_back(static_cast<int>(table.exclusion_atom.size()));
  }
  if (exclusion != terms.exclusions.end()) {
    throw KernelError(ErrorCode::internal, "the excluded pairs of UFF4MOF terms are not sorted");
  }
}

/// Rows of a sparse table from (row, value) pairs; values keep their order inside a row.
void fill_rows(int n_rows, std::span<const std::pair<int, int>> entries, std::vector<int>& first,
               std::vector<int>& values) {
  first.assign(static_cast<std::size_t>(n_rows) + 1, 0);
  for (const auto& [row, value] : entries) ++first[static_cast<std::size_t>(row) + 1];
  for (std::size_t row = 0; row < static_cast<std::size_t>(n_rows); ++row) first[row + 1] += first[row];
  values.resize(entries.size());
  std::vector<int> next(first.begin(), first.end() - 1);
  for (const auto& [row, value] : entries) {
    values[static_cast<std::size_t>(next[static_cast<std::size_t>(row)]++)] = value;
  }
}

void fill_incidence(TermTable& table) {
  std::vector<std::pair<int, int>> slots;  // (edge, slot code)
  std::vector<std::pair<int, int>> terms;  // (atom, term)
  for (std::size_t k = 0; k < kTermKinds; ++k) {
    const TermTable::Kind& kind = table.kinds[k];
    const int n_edges = kEdgesOfTerm[k];
    for (int t = 0; t < kind.n_terms; ++t) {
      for (int e = 0; e < n_edges; ++e) {
        const int code = kind.edge_codes[static_cast<std::size_t>(t * n_edges + e)];
        const auto edge = static_cast<std::size_t>(code / 2);
        const int near = code % 2 == 0 ? table.edge_from[edge] : table.edge_to[edge];
        const int far = code % 2 == 0 ? table.edge_to[edge] : table.edge_from[edge];
        slots.emplace_back(code / 2, 2 * (kind.first_slot + t * n_edges + e) + code % 2);
        // The first edge starts at the centre (or at one end of a bond); every edge ends at an atom of its own.
        if (e == 0) terms.emplace_back(near, kind.first_term + t);
        terms.emplace_back(far, kind.first_term + t);
      }
    }
  }
  fill_rows(table.n_edges(), slots, table.first_slot_of_edge, table.slot_codes);
  fill_rows(table.n_atoms, terms, table.first_term_of_atom, table.terms_of_atom);
  std::vector<std::pair<int, int>> ends;  // (atom, edge code)
  for (int e = 0; e < table.n_edges(); ++e) {
    ends.emplace_back(table.edge_from[static_cast<std::size_t>(e)], 2 * e);
    ends.emplace_back(table.edge_to[static_cast<std::size_t>(e)], 2 * e + 1);
  }
  fill_rows(table.n_atoms, ends, table.first_edge_of_atom, table.edge_codes_of_atom);
}

}  // namespace

TermTable build_term_table(std::span<const Terms> terms) {
  TermTable table;
  if (terms.empty()) return table;
  table.cutoff_A = terms.front().cutoff_A;
  table.switch_start_A = terms.front().switch_start_A;
  table.truncation = terms.front().truncation;
  table.n_structures = static_cast<int>(terms.size());
  table.first_atom = {0};
  table.first_edge = {0};
  table.exclusion_first = {0};
  for (TermTable::Kind& kind : table.kinds) kind.first_of_structure = {0};
  for (const Terms& one : terms) {
    if (one.cutoff_A != table.cutoff_A || one.truncation != table.truncation ||
        one.switch_start_A != table.switch_start_A) {
      throw KernelError(ErrorCode::bad_request, "the structures of a batch must share one cutoff and one truncation");
    }
    const int first_atom = table.first_atom.back();
    add_bonded_terms(table, one, first_atom);
    add_pair_parameters(table, one, first_atom);
    table.first_atom.push_back(first_atom + one.n_atoms);
    table.first_edge.push_back(table.n_edges());
    for (TermTable::Kind& kind : table.kinds) kind.first_of_structure.push_back(kind.n_terms);
  }
  table.n_atoms = table.first_atom.back();
  for (std::size_t k = 0; k < kTermKinds; ++k) {
    table.kinds[k].first_slot = table.n_slots;
    table.kinds[k].first_term = table.n_terms;
    table.n_slots += table.kinds[k].n_terms * kEdgesOfTerm[k];
    table.n_terms += table.kinds[k].n_terms;
  }
  fill_incidence(table);
  return table;
}

}  // namespace mofkernel::uff4mof
