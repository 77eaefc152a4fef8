// Reads the LAMMPS reference files (../shared/reference/uff4mof) into Terms: the listed terms, independent of our
// typing.
#pragma once

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "check.hpp"
#include "geometry/structure.hpp"
#include "potentials/uff4mof/terms.hpp"
#include "protocol/json.hpp"
#include "units.hpp"

namespace mofkernel::reference {

inline const std::vector<std::string>& names() {
  static const std::vector<std::string> kNames{"AGEDIC",
                                               "AlPMOF",
                                               "COF-13180N3",
                                               "COF-19000N3",
                                               "HKUST-1_primitive",
                                               "IRMOF-10_primitive",
                                               "IXOFIL",
                                               "LTL",
                                               "LTL_uff",
                                               "MOF-5_primitive",
                                               "UiO-66_primitive",
                                               "Zn-MOF-74",
                                               "boydwoo_m3_o7_o27",
                                               "calf",
                                               "core_DACFAR",
                                               "tobacco_srsb_L3",
                                               "zif-8"};
  return kNames;
}

inline json::Value read(const std::string& name) {
  const std::filesystem::path path =
      std::filesystem::path(MOFK_SHARED_DIR) / "reference" / "uff4mof" / (name + ".json");
  std::ifstream file(path);
  if (!file) SKIP("no reference file " + path.lexically_normal().string());
  std::stringstream text;
  text << file.rdbuf();
  return json::parse(text.str());
}

enum class Mixing { arithmetic, geometric };
enum class Impropers { as_listed, three_axes };

/// cos(n x) as a polynomial in cos x (Chebyshev), added with a factor.
template <std::size_t n_coefficients>
void add_cosine(std::array<double, n_coefficients>& coefficients, int n, double factor) {
  std::vector<double> before{1.0};
  std::vector<double> now{0.0, 1.0};
  if (n == 0) now = before;
  for (int k = 1; k < n; ++k) {
    std::vector<double> next(now.size() + 1, 0.0);
    for (std::size_t m = 0; m < now.size(); ++m) next[m + 1] += 2 * now[m];
    for (std::size_t m = 0; m < before.size(); ++m) next[m] -= before[m];
    before = now;
    now = next;
  }
  for (std::size_t m = 0; m < now.size(); ++m) coefficients.at(m) += factor * now[m];
}

inline std::vector<std::array<double, 3>> vectors(const json::Value& value) {
  std::vector<std::array<double, 3>> result;
  for (const json::Value& row : value.array())
    result.push_back({row.at(0).number(), row.at(1).number(), row.at(2).number()});
  return result;
}

/// `block` is the member "unit_cell" or "supercell" of a file.
inline Structure structure(const json::Value& block, const std::string& configuration) {
  Structure result;
  const auto cell = vectors(block.at("cell_A"));
  for (std::size_t a = 0; a < 3; ++a) result.cell[a] = cell[a];
  result.positions = vectors(block.at("configurations").at(configuration).at("positions_A"));
  // The evaluation knows atoms by their terms only.
  result.atomic_numbers.assign(result.positions.size(), 1);
  return result;
}

inline uff4mof::Terms terms(const json::Value& block, Mixing mixing, bool tail_correction, Impropers impropers) {
  uff4mof::Terms t;
  t.n_atoms = static_cast<std::int32_t>(block.at("n_atoms").integer());
  const auto index = [](const json::Value& row, std::size_t k) { return static_cast<int>(row.at(k).integer()); };
  const auto number = [](const json::Value& type, const char* key) { return type.at(key).number(); };

  std::map<std::pair<int, int>, Shift> shift_of_bond;
  std::vector<std::vector<std::pair<int, Shift>>> neighbors(static_cast<std::size_t>(t.n_atoms));
  const auto& bond_types = block.at("bond_types");
  for (const json::Value& row : block.at("bonds_i_j_ix_iy_iz_order_type").array()) {
    const int i = index(row, 0);
    const int j = index(row, 1);
    const Shift shift{index(row, 2), index(row, 3), index(row, 4)};
    const Shift back{-shift[0], -shift[1], -shift[2]};
    const json::Value& type = bond_types.at(static_cast<std::size_t>(index(row, 6)));
    t.bonds.push_back({i, j, shift, 2 * number(type, "K") * kEvPerKcalMol, number(type, "r0")});
    shift_of_bond[{i, j}] = shift;
    shift_of_bond[{j, i}] = back;
    neighbors[static_cast<std::size_t>(i)].emplace_back(j, shift);
    neighbors[static_cast<std::size_t>(j)].emplace_back(i, back);
  }
  for (const json::Value& row : block.at("angles_i_j_k_type").array()) {
    const int i = index(row, 0);
    const int j = index(row, 1);
    const int k = index(row, 2);
    const json::Value& type = block.at("angle_types").at(static_cast<std::size_t>(index(row, 3)));
    uff4mof::AngleTerm angle{i, j, k, shift_of_bond.at({j, i}), shift_of_bond.at({j, k}), {}};
    if (type.at("form").text() == "cosine-n") {
      angle.coefficients[0] += number(type, "A");
      add_cosine(angle.coefficients, static_cast<int>(type.at("n").integer()),
                 number(type, "A") * number(type, "sign"));
    } else {
      const double k_angle = number(type, "K");
      angle.coefficients[0] += k_angle * number(type, "C0");
      add_cosine(angle.coefficients, 1, k_angle * number(type, "C1"));
      add_cosine(angle.coefficients, 2, k_angle * number(type, "C2"));
    }
    for (double& c : angle.coefficients) c *= kEvPerKcalMol;
    t.angles.push_back(angle);
  }
  for (const json::Value& row : block.at("dihedrals_i_j_k_l_type").array()) {
    const int i = index(row, 0);
    const int j = index(row, 1);
    const int k = index(row, 2);
    const int l = index(row, 3);
    const json::Value& type = block.at("dihedral_types").at(static_cast<std::size_t>(index(row, 4)));
    const Shift shift_k = shift_of_bond.at({j, k});
    const Shift step = shift_of_bond.at({k, l});
    uff4mof::TorsionTerm torsion{i,
                                 j,
                                 k,
                                 l,
                                 shift_of_bond.at({j, i}),
                                 shift_k,
                                 {shift_k[0] + step[0], shift_k[1] + step[1], shift_k[2] + step[2]},
                                 {}};
    torsion.coefficients[0] += number(type, "K");
    add_cosine(torsion.coefficients, static_cast<int>(type.at("n").integer()), number(type, "K") * number(type, "d"));
    for (double& c : torsion.coefficients) c *= kEvPerKcalMol;
    t.torsions.push_back(torsion);
  }
  std::map<int, int> improper_type_of_center;
  for (const json::Value& row : block.at("impropers_center_j_k_l_type").array()) {
    const int center = index(row, 0);
    const json::Value& type = block.at("improper_types").at(static_cast<std::size_t>(index(row, 4)));
    const auto add = [&](int j, int k, int l) {
      t.inversions.push_back({center, j, k, l, shift_of_bond.at({center, j}), shift_of_bond.at({center, k}),
                              shift_of_bond.at({center, l}), number(type, "K") * kEvPerKcalMol, number(type, "C0"),
                              number(type, "C1"), number(type, "C2")});
    };
    const std::array<int, 3> arms{index(row, 1), index(row, 2), index(row, 3)};
    if (impropers == Impropers::as_listed) {
      add(arms[0], arms[1], arms[2]);
    } else if (improper_type_of_center.try_emplace(center, index(row, 4)).second) {
      for (std::size_t axis = 0; axis < 3; ++axis) add(arms[(axis + 1) % 3], arms[(axis + 2) % 3], arms[axis]);
    }
  }

  std::set<std::tuple<int, int, Shift>> excluded;
  const Shift home{0, 0, 0};
  for (int center = 0; center < t.n_atoms; ++center) {
    for (const auto& [i, shift_i] : neighbors[static_cast<std::size_t>(center)]) {
      excluded.emplace(center, i, shift_i);
      for (const auto& [k, shift_k] : neighbors[static_cast<std::size_t>(center)]) {
        const Shift shift{shift_k[0] - shift_i[0], shift_k[1] - shift_i[1], shift_k[2] - shift_i[2]};
        if (i != k || shift != home) excluded.emplace(i, k, shift);
      }
    }
  }
  for (const auto& [i, j, shift] : excluded) t.exclusions.push_back({i, j, shift});

  std::map<std::string, int> type_index;
  std::vector<double> epsilon;
  std::vector<double> sigma;
  for (const json::Member& type : block.at("pair_types").object()) {
    type_index[type.key] = t.n_lj_types++;
    epsilon.push_back(type.value.at("epsilon").number());
    sigma.push_back(type.value.at("sigma").number());
  }
  for (const json::Value& type : block.at("uff4mof_type").array()) t.lj_type.push_back(type_index.at(type.text()));
  for (std::size_t a = 0; a < epsilon.size(); ++a) {
    for (std::size_t b = 0; b < epsilon.size(); ++b) {
      const double mixed = mixing == Mixing::arithmetic ? (sigma[a] + sigma[b]) / 2 : std::sqrt(sigma[a] * sigma[b]);
      t.lj_epsilon_eV.push_back(std::sqrt(epsilon[a] * epsilon[b]) * kEvPerKcalMol);
      t.lj_x_A.push_back(mixed * std::pow(2.0, 1.0 / 6.0));
    }
  }
  t.cutoff_A = block.at("cutoff_A").number();
  t.switch_start_A = t.cutoff_A;
  t.truncation = uff4mof::Truncation::plain;
  t.tail_correction = tail_correction;
  return t;
}

}  // namespace mofkernel::reference
