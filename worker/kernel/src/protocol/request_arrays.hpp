// The arrays of a request, taken by name and checked.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/frame.hpp"
#include "protocol/members.hpp"

namespace mofkernel::protocol {

/// Each array is taken once; finish() refuses what nobody took. Errors are KernelError(bad_request).
class RequestArrays {
 public:
  explicit RequestArrays(const Frame& frame) : arrays_(frame.arrays) {}

  [[nodiscard]] bool has(std::string_view name) const;

  /// Rows of `row_shape`; as many as `n_rows` says, or any number. `Row` is the element or a fixed array of them.
  template <class Element, class Row = Element>
  std::vector<Row> take(std::string_view name, std::vector<std::size_t> row_shape,
                        std::optional<std::size_t> n_rows = std::nullopt) {
    return find(name, dtype_of<Element>(), std::move(row_shape), n_rows).template rows<Row>();
  }

  /// [n_rows] finite numbers.
  std::vector<double> take_numbers(std::string_view name, std::size_t n_rows);
  /// [n_rows][3] finite numbers.
  std::vector<std::array<double, 3>> take_vectors(std::string_view name, std::size_t n_rows);
  /// [n_rows] of 0 and 1.
  std::vector<std::uint8_t> take_flags(std::string_view name, std::size_t n_rows);

  void finish() const;

 private:
  const Array& find(std::string_view name, Dtype dtype, std::vector<std::size_t> row_shape,
                    std::optional<std::size_t> n_rows);

  const std::vector<Array>& arrays_;
  std::vector<std::string_view> seen_;
};

template <std::size_t n>
bool is_finite(const std::array<double, n>& values) {
  for (const double value : values) {
    if (!std::isfinite(value)) return false;
  }
  return true;
}

}  // namespace mofkernel::protocol
