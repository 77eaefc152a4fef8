// Small made-up structures with terms of every kind, and the transformations that must not change their energy.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <set>
#include <tuple>
#include <vector>

#include "geometry/structure.hpp"
#include "potentials/uff4mof/terms.hpp"

namespace mofkernel::synthetic {

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;

struct Case {
  Structure structure;
  uff4mof::Terms terms;
};

inline Vector times(const Vector& row, const Matrix& m) {
  Vector out{};
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = 0; b < 3; ++b) out[b] += row[a] * m[a][b];
  }
  return out;
}

inline Vector image(const Structure& structure, int atom, const Shift& shift) {
  Vector x = times({1.0 * shift[0], 1.0 * shift[1], 1.0 * shift[2]}, structure.cell);
  for (std::size_t a = 0; a < 3; ++a) x[a] += structure.positions[static_cast<std::size_t>(atom)][a];
  return x;
}

/// Atoms at random places no closer than `min_distance` to each other and to all images.
inline Structure random_structure(int n_atoms, const Matrix& cell, double min_distance, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  Structure structure;
  structure.cell = cell;
  while (structure.n_atoms() < n_atoms) {
    const Vector candidate = times({uniform(random), uniform(random), uniform(random)}, cell);
    bool is_free = true;
    for (int j = 0; j < structure.n_atoms(); ++j) {
      for (int k = 0; k < 27; ++k) {
        const Vector x = image(structure, j, {k % 3 - 1, k / 3 % 3 - 1, k / 9 - 1});
        is_free = is_free && std::hypot(x[0] - candidate[0], x[1] - candidate[1], x[2] - candidate[2]) > min_distance;
      }
    }
    if (!is_free) continue;
    structure.positions.push_back(candidate);
    structure.atomic_numbers.push_back(6);
  }
  return structure;
}

inline uff4mof::Terms lennard_jones_terms(int n_atoms, double cutoff_A) {
  uff4mof::Terms terms;
  terms.n_atoms = n_atoms;
  terms.n_lj_types = 2;
  for (int i = 0; i < n_atoms; ++i) terms.lj_type.push_back(i % 2);
  terms.lj_epsilon_eV = {0.02, 0.014, 0.014, 0.01};
  terms.lj_x_A = {3.1, 2.8, 2.8, 2.6};
  terms.cutoff_A = cutoff_A;
  terms.switch_start_A = 0.8 * cutoff_A;
  terms.truncation = uff4mof::Truncation::switched;
  terms.tail_correction = true;
  return terms;
}

/// Twelve atoms in a triclinic cell thinner than the cutoff, terms of every kind among atoms and images chosen at
/// random, with every coefficient different from zero.
inline Case every_kind_of_term(unsigned seed = 1) {
  Case c;
  c.structure = random_structure(12, {{{7.1, 0.3, -0.2}, {2.9, 6.4, 0.4}, {-1.7, 2.2, 6.9}}}, 1.9, seed);
  c.terms = lennard_jones_terms(12, 8.0);
  std::mt19937 random(seed + 100);
  std::uniform_real_distribution<double> coefficient(-1.0, 1.0);
  std::uniform_int_distribution<int> any_atom(0, 11);
  std::uniform_int_distribution<int> any_shift(-1, 1);
  const auto shift = [&] { return Shift{any_shift(random), any_shift(random), any_shift(random)}; };
  const auto distance = [&](int i, const Shift& si, int j, const Shift& sj) {
    const Vector a = image(c.structure, i, si);
    const Vector b = image(c.structure, j, sj);
    return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
  };
  const Shift home{0, 0, 0};
  const auto site = [&](int from, const Shift& base) {
    // A place that is not where `from` is, also when the atom is the same.
    for (;;) {
      const int j = any_atom(random);
      const Shift s = shift();
      if (distance(from, base, j, s) > 1.0) return std::pair{j, s};
    }
  };
  for (int n = 0; n < 40; ++n) {
    const int i = any_atom(random);
    const auto [j, sj] = site(i, home);
    c.terms.bonds.push_back(
        {i, j, sj, 3.0 + coefficient(random), distance(i, home, j, sj) + 0.2 * coefficient(random)});
    const auto [a, sa] = site(i, home);
    const auto [b, sb] = site(i, home);
    if (distance(a, sa, b, sb) < 0.5) continue;
    uff4mof::AngleTerm angle{a, i, b, sa, sb, {}};
    for (double& x : angle.coefficients) x = coefficient(random);
    c.terms.angles.push_back(angle);
    const auto [l, sl] = site(b, sb);
    if (distance(l, sl, i, home) < 0.5) continue;
    uff4mof::TorsionTerm torsion{a, i, b, l, sa, sb, sl, {}};
    for (double& x : torsion.coefficients) x = coefficient(random);
    c.terms.torsions.push_back(torsion);
    const auto [o, so] = site(i, home);
    if (distance(o, so, a, sa) < 0.5 || distance(o, so, b, sb) < 0.5) continue;
    c.terms.inversions.push_back(
        {i, a, b, o, sa, sb, so, coefficient(random), coefficient(random), coefficient(random), coefficient(random)});
  }
  std::set<std::tuple<int, int, Shift>> excluded;
  for (std::size_t n = 0; n < 10; ++n) {
    const uff4mof::BondTerm& bond = c.terms.bonds[n];
    excluded.emplace(bond.i, bond.j, bond.shift);
    excluded.emplace(bond.j, bond.i, Shift{-bond.shift[0], -bond.shift[1], -bond.shift[2]});
  }
  for (const auto& [i, j, s] : excluded) c.terms.exclusions.push_back({i, j, s});
  return c;
}

/// One atom or image of it.
struct Site {
  int atom;
  Shift shift;
};

/// The same terms after every site has been given another name; terms are appended to `out`, exclusions unsorted.
inline void map_terms(const uff4mof::Terms& in, const std::function<Site(const Site&)>& rename, uff4mof::Terms& out) {
  const Shift home{0, 0, 0};
  const auto relative = [&](const Site& base, const Site& other) {
    return Shift{other.shift[0] - base.shift[0], other.shift[1] - base.shift[1], other.shift[2] - base.shift[2]};
  };
  for (const auto& t : in.bonds) {
    const Site i = rename({t.i, home});
    const Site j = rename({t.j, t.shift});
    out.bonds.push_back({i.atom, j.atom, relative(i, j), t.k, t.r0});
  }
  for (const auto& t : in.angles) {
    const Site j = rename({t.j, home});
    const Site i = rename({t.i, t.shift_i});
    const Site k = rename({t.k, t.shift_k});
    out.angles.push_back({i.atom, j.atom, k.atom, relative(j, i), relative(j, k), t.coefficients});
  }
  for (const auto& t : in.torsions) {
    const Site j = rename({t.j, home});
    const Site i = rename({t.i, t.shift_i});
    const Site k = rename({t.k, t.shift_k});
    const Site l = rename({t.l, t.shift_l});
    out.torsions.push_back(
        {i.atom, j.atom, k.atom, l.atom, relative(j, i), relative(j, k), relative(j, l), t.coefficients});
  }
  for (const auto& t : in.inversions) {
    const Site center = rename({t.center, home});
    const Site j = rename({t.j, t.shift_j});
    const Site k = rename({t.k, t.shift_k});
    const Site l = rename({t.l, t.shift_l});
    out.inversions.push_back({center.atom, j.atom, k.atom, l.atom, relative(center, j), relative(center, k),
                              relative(center, l), t.k_eV, t.c0, t.c1, t.c2});
  }
  for (const auto& t : in.exclusions) {
    const Site i = rename({t.i, home});
    const Site j = rename({t.j, t.shift});
    out.exclusions.push_back({i.atom, j.atom, relative(i, j)});
  }
}

inline void sort_exclusions(uff4mof::Terms& terms) {
  std::set<std::tuple<int, int, Shift>> sorted;
  for (const auto& e : terms.exclusions) sorted.emplace(e.i, e.j, e.shift);
  terms.exclusions.clear();
  for (const auto& [i, j, shift] : sorted) terms.exclusions.push_back({i, j, shift});
}

/// `terms` without any bonded term and exclusion.
inline uff4mof::Terms pair_part(const uff4mof::Terms& terms) {
  uff4mof::Terms out = terms;
  out.bonds.clear();
  out.angles.clear();
  out.torsions.clear();
  out.inversions.clear();
  out.exclusions.clear();
  return out;
}

/// Atom i becomes atom order[i].
inline Case permuted(const Case& c, const std::vector<int>& order) {
  Case out{c.structure, pair_part(c.terms)};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto to = static_cast<std::size_t>(order[i]);
    out.structure.positions[to] = c.structure.positions[i];
    out.terms.lj_type[to] = c.terms.lj_type[i];
  }
  map_terms(c.terms, [&](const Site& s) { return Site{order[static_cast<std::size_t>(s.atom)], s.shift}; }, out.terms);
  sort_exclusions(out.terms);
  return out;
}

/// Atom i moved by moves[i] lattice vectors: the same crystal.
inline Case moved_by_lattice_vectors(const Case& c, const std::vector<Shift>& moves) {
  Case out{c.structure, pair_part(c.terms)};
  for (std::size_t i = 0; i < moves.size(); ++i)
    out.structure.positions[i] = image(c.structure, static_cast<int>(i), moves[i]);
  map_terms(
      c.terms,
      [&](const Site& s) {
        const Shift& m = moves[static_cast<std::size_t>(s.atom)];
        return Site{s.atom, {s.shift[0] - m[0], s.shift[1] - m[1], s.shift[2] - m[2]}};
      },
      out.terms);
  sort_exclusions(out.terms);
  return out;
}

inline Case supercell(const Case& c, const std::array<int, 3>& repeats) {
  Case out{c.structure, pair_part(c.terms)};
  out.structure.positions.clear();
  out.structure.atomic_numbers.clear();
  out.terms.lj_type.clear();
  const int n_atoms = c.structure.n_atoms();
  out.terms.n_atoms = n_atoms * repeats[0] * repeats[1] * repeats[2];
  for (std::size_t a = 0; a < 3; ++a) {
    for (double& x : out.structure.cell[a]) x *= repeats[a];
  }
  const auto fold = [](int value, int n) { return value >= 0 ? value / n : -((n - 1 - value) / n); };
  for (int r = 0; r < repeats[0] * repeats[1] * repeats[2]; ++r) {
    const Shift replica{r % repeats[0], r / repeats[0] % repeats[1], r / (repeats[0] * repeats[1])};
    for (int i = 0; i < n_atoms; ++i) {
      out.structure.positions.push_back(image(c.structure, i, replica));
      out.structure.atomic_numbers.push_back(6);
      out.terms.lj_type.push_back(c.terms.lj_type[static_cast<std::size_t>(i)]);
    }
    map_terms(
        c.terms,
        [&](const Site& s) {
          Shift shift{};
          Shift home{};
          for (std::size_t a = 0; a < 3; ++a) {
            shift[a] = fold(replica[a] + s.shift[a], repeats[a]);
            home[a] = replica[a] + s.shift[a] - shift[a] * repeats[a];
          }
          return Site{(home[0] + repeats[0] * (home[1] + repeats[1] * home[2])) * n_atoms + s.atom, shift};
        },
        out.terms);
  }
  sort_exclusions(out.terms);
  return out;
}

/// Every position and lattice vector x becomes x @ m.
inline Structure transformed(const Structure& structure, const Matrix& m) {
  Structure out = structure;
  for (Vector& x : out.positions) x = times(x, m);
  for (Vector& row : out.cell) row = times(row, m);
  return out;
}

}  // namespace mofkernel::synthetic
