// Requests that tests of the protocol send, and the arrays of their answers.
#pragma once

#include <stdexcept>
#include <string>

#include "conversation.hpp"

namespace mofkernel::protocol {

inline json::Object calculation(const char* type, const char* id) {
  return {{"type", type},
          {"id", id},
          {"potential", json::Object{{"kind", "uff4mof"}, {"options", json::Object{}}}},
          {"device", "cpu"},
          {"precision", "float64"}};
}

inline json::Object evaluate_header(const char* id, bool per_atom = false) {
  json::Object header = calculation("evaluate", id);
  header.push_back({"compute_forces", true});
  header.push_back({"compute_stress", true});
  header.push_back({"compute_per_atom", per_atom});
  return header;
}

inline json::Object relax_header(const char* id, double fmax, int max_steps, const char* cell_mode,
                                 int frame_interval) {
  json::Object header = calculation("relax", id);
  header.push_back({"optimizer", "LBFGS"});
  header.push_back({"fmax_eV_A", fmax});
  header.push_back({"max_steps", max_steps});
  header.push_back({"cell_mode", cell_mode});
  header.push_back({"pressure_eV_A3", 0});
  header.push_back({"frame_interval", frame_interval});
  return header;
}

inline json::Object replaced(json::Object header, const std::string& key, json::Value value) {
  for (json::Member& member : header) {
    if (member.key == key) member.value = std::move(value);
  }
  return header;
}

/// A relaxation that goes on until somebody stops it.
inline json::Object endless_header(const char* id) {
  return replaced(relax_header(id, 1e-300, 2'000'000'000, "fixed", 0), "optimizer", "FIRE");
}

inline json::Object with(json::Object header, const std::string& key, json::Value value) {
  header.push_back({key, std::move(value)});
  return header;
}

inline json::Object force_constants_header(const char* id) {
  return with(calculation("force_constants", id), "displacement_A", 0.01);
}

inline json::Object site(const char* name, double charge) {
  return {{"name", name},         {"position_A", json::Array{0.0, 0.0, charge}},
          {"epsilon_eV", 0.0069}, {"sigma_A", 3.05},
          {"charge_e", charge},   {"mass_amu", 15.9994}};
}

inline json::Object insertions_header(const char* id, json::Object placements) {
  json::Object header = calculation("insertions", id);
  header.push_back(
      {"adsorbate", json::Object{{"name", "CO2"}, {"sites", json::Array{site("O", -0.35), site("C", 0.7)}}}});
  header.push_back({"cutoff_A", 12});
  header.push_back({"tail_correction", true});
  header.push_back({"temperature_k", 298.15});
  header.push_back({"seed", 5});
  header.push_back({"placements", std::move(placements)});
  header.push_back({"n_lowest", 3});
  return header;
}

inline const Array& array_of(const Frame& frame, const std::string& name) {
  for (const Array& array : frame.arrays) {
    if (array.name == name) return array;
  }
  throw std::runtime_error("the frame has no array " + name);
}

}  // namespace mofkernel::protocol
