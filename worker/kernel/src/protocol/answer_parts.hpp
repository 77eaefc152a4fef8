// What several answers are made of.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.hpp"
#include "protocol/frame.hpp"

namespace mofkernel::protocol {

/// The members `type` and `id`.
json::Object answer(const char* type, const std::string& id);

json::Array to_json(const std::vector<std::string>& texts);
json::Value to_json(const std::optional<double>& number);
json::Value to_json(const std::optional<std::array<double, 6>>& numbers);
/// An empty text is null.
json::Value text_or_null(const std::string& text);

/// One row of `row_shape` per value.
template <class Row>
Array rows(const char* name, std::vector<std::size_t> row_shape, const std::vector<Row>& values) {
  row_shape.insert(row_shape.begin(), values.size());
  return Array::make<double>(name, std::move(row_shape), std::span<const Row>(values));
}

/// energies, energy_components, and as wanted forces, stress, energies_per_atom.
std::vector<Array> evaluation_arrays(const Evaluation& evaluation, EvaluateWant want);

/// positions and cells of all structures.
void append_geometry(std::vector<Array>& arrays, const std::vector<Structure>& structures);

}  // namespace mofkernel::protocol
