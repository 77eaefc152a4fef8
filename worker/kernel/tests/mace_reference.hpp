// Models with what mace-torch says about them (tests/reference/mace/README.md), from the repository or from the folder
// in the environment variable MOFK_MACE_MODELS.
#pragma once

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "protocol/json.hpp"

namespace mofkernel::mace_reference {

struct Case {
  std::string name;
  std::string head;
  Structure structure;
  double energy_eV = 0;
  std::vector<double> energies_per_atom;
  std::vector<std::array<double, 3>> forces;
  std::vector<double> stress;  ///< [9], empty where there is none
};

inline std::array<double, 3> vector_of(const json::Value& row) {
  return {row.at(std::size_t{0}).number(), row.at(std::size_t{1}).number(), row.at(std::size_t{2}).number()};
}

inline Case case_of(const json::Value& value) {
  Case one;
  one.name = value.at("name").text();
  one.head = value.at("head").text();
  one.energy_eV = value.at("energy_eV").number();
  for (const json::Value& z : value.at("atomic_numbers").array())
    one.structure.atomic_numbers.push_back(static_cast<int>(z.integer()));
  for (std::size_t axis = 0; axis < 3; ++axis) {
    one.structure.pbc[axis] = value.at("pbc").at(axis).boolean();
    if (!value.at("cell_A").is_null()) one.structure.cell[axis] = vector_of(value.at("cell_A").at(axis));
  }
  for (const json::Value& row : value.at("positions_A").array()) one.structure.positions.push_back(vector_of(row));
  for (const json::Value& row : value.at("forces_eV_per_A").array()) one.forces.push_back(vector_of(row));
  for (const json::Value& energy : value.at("energies_eV").array()) one.energies_per_atom.push_back(energy.number());
  if (const json::Value& stress = value.at("stress_eV_per_A3"); !stress.is_null()) {
    for (const json::Value& row : stress.array())
      for (const json::Value& number : row.array()) one.stress.push_back(number.number());
  }
  return one;
}

inline std::filesystem::path models_folder() {
  const char* const elsewhere = std::getenv("MOFK_MACE_MODELS");
  return elsewhere != nullptr ? std::filesystem::path(elsewhere)
                              : std::filesystem::path(MOFK_TEST_REFERENCE_DIR) / "mace";
}

/// Folders of the models that have references, in the order of their names.
inline std::vector<std::filesystem::path> models() {
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(models_folder()))
    if (std::filesystem::exists(entry.path() / "reference-float64.json")) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

inline std::vector<Case> cases(const std::filesystem::path& folder) {
  std::ifstream file(folder / "reference-float64.json");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const json::Value value = json::parse(text);
  std::vector<Case> all;
  for (const json::Value& one : value.at("structures").array()) all.push_back(case_of(one));
  return all;
}

/// The folder of the model called `name`.
inline std::filesystem::path model(const std::string& name) { return models_folder() / name; }

inline PotentialSpec spec_of(const std::filesystem::path& folder, const std::string& head = "") {
  PotentialSpec spec;
  spec.mace = mace::Options{.folder = folder, .head = head};
  return spec;
}

}  // namespace mofkernel::mace_reference
