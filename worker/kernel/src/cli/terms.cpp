#include <cstdio>

#include "cli/command_line.hpp"
#include "cli/extxyz.hpp"
#include "cli/potential_options.hpp"
#include "errors.hpp"
#include "potentials/uff4mof/elements.hpp"
#include "protocol/json.hpp"
#include "protocol/session.hpp"

namespace mofkernel::cli {
namespace {

template <class Row, class Numbers>
json::Value row_of(const Row& indices, const Numbers& numbers) {
  json::Array row(indices.begin(), indices.end());
  for (const auto& number : numbers) row.emplace_back(number);
  return row;
}

template <class Values>
json::Array array_of(const Values& values) {
  return json::Array(values.begin(), values.end());
}

template <class Rows>
json::Array matrix_of(const Rows& rows) {
  json::Array matrix;
  for (const auto& row : rows) matrix.emplace_back(array_of(row));
  return matrix;
}

}  // namespace

int run_terms(std::span<const std::string> words) {
  Arguments arguments(words);
  const PotentialSpec potential = take_potential(arguments);
  const auto path = arguments.take_word();
  arguments.finish();
  if (potential.mace) throw KernelError(ErrorCode::unsupported, "MACE has no types and terms; leave out --mace");
  if (!path) throw KernelError(ErrorCode::bad_request, "no file is named; see: mofkernel --help");

  const Structure structure = read_extxyz(*path);
  const uff4mof::Terms terms = uff4mof::assign_terms(structure, potential.uff4mof);
  using Indices2 = std::array<int, 2>;
  using Indices3 = std::array<int, 3>;
  using Indices4 = std::array<int, 4>;
  json::Array symbols;
  for (const int z : structure.atomic_numbers) symbols.emplace_back(uff4mof::element_symbol(z));
  json::Array bonds;
  for (const auto& t : terms.bonds) bonds.push_back(row_of(Indices2{t.i, t.j}, std::array{t.k, t.r0}));
  json::Array angles;
  for (const auto& t : terms.angles)
    angles.push_back(row_of(Indices3{t.i, t.j, t.k}, std::array{array_of(t.coefficients)}));
  json::Array torsions;
  for (const auto& t : terms.torsions) {
    torsions.push_back(row_of(Indices4{t.i, t.j, t.k, t.l}, std::array{array_of(t.coefficients)}));
  }
  json::Array inversions;
  for (const auto& t : terms.inversions) {
    inversions.push_back(row_of(Indices4{t.center, t.j, t.k, t.l}, std::array{t.k_eV, t.c0, t.c1, t.c2}));
  }
  const json::Object answer{{"cell", matrix_of(structure.cell)},
                            {"positions", matrix_of(structure.positions)},
                            {"symbols", std::move(symbols)},
                            {"atom_types", array_of(terms.atom_types)},
                            {"bonds", std::move(bonds)},
                            {"angles", std::move(angles)},
                            {"torsions", std::move(torsions)},
                            {"inversions", std::move(inversions)},
                            {"lj_type", array_of(terms.lj_type)},
                            {"n_lj_types", terms.n_lj_types},
                            {"lj_epsilon_eV", array_of(terms.lj_epsilon_eV)},
                            {"lj_x_A", array_of(terms.lj_x_A)},
                            {"cutoff_A", terms.cutoff_A},
                            {"tail_correction", terms.tail_correction}};
  std::printf("%s\n", json::write(answer).c_str());
  return protocol::kExitOk;
}

}  // namespace mofkernel::cli
