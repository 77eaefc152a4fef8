#include "protocol/answer_parts.hpp"

namespace mofkernel::protocol {

json::Object answer(const char* type, const std::string& id) { return {{"type", type}, {"id", id}}; }

json::Array to_json(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

json::Value to_json(const std::optional<double>& number) {
  return number ? json::Value(*number) : json::Value(nullptr);
}

json::Value to_json(const std::optional<std::array<double, 6>>& numbers) {
  return numbers ? json::Value(json::Array(numbers->begin(), numbers->end())) : json::Value(nullptr);
}

json::Value text_or_null(const std::string& text) { return text.empty() ? json::Value(nullptr) : json::Value(text); }

std::vector<Array> evaluation_arrays(const Evaluation& evaluation, EvaluateWant want) {
  std::vector<Array> arrays;
  arrays.push_back(rows("energies", {}, evaluation.energies));
  arrays.push_back(Array::make<double>("energy_components",
                                       {evaluation.energies.size(), evaluation.component_names.size()},
                                       std::span<const double>(evaluation.energy_components)));
  if (want.forces) arrays.push_back(rows("forces", {3}, evaluation.forces));
  if (want.stress) arrays.push_back(rows("stress", {3, 3}, evaluation.stress));
  if (want.per_atom) arrays.push_back(rows("energies_per_atom", {}, evaluation.energies_per_atom));
  return arrays;
}

void append_geometry(std::vector<Array>& arrays, const std::vector<Structure>& structures) {
  std::vector<std::array<double, 3>> positions;
  std::vector<std::array<std::array<double, 3>, 3>> cells;
  for (const Structure& structure : structures) {
    positions.insert(positions.end(), structure.positions.begin(), structure.positions.end());
    cells.push_back(structure.cell);
  }
  arrays.push_back(rows("positions", {3}, positions));
  arrays.push_back(rows("cells", {3, 3}, cells));
}

}  // namespace mofkernel::protocol
