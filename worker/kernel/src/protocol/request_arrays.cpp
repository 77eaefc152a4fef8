#include "protocol/request_arrays.hpp"

#include <algorithm>

namespace mofkernel::protocol {
namespace {

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text;
  for (const std::size_t extent : shape) text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "[" + text + "]";
}

}  // namespace

bool RequestArrays::has(std::string_view name) const {
  return std::any_of(arrays_.begin(), arrays_.end(), [&](const Array& array) { return array.name == name; });
}

const Array& RequestArrays::find(std::string_view name, Dtype dtype, std::vector<std::size_t> row_shape,
                                 std::optional<std::size_t> n_rows) {
  seen_.push_back(name);
  const auto has_name = [&](const Array& array) { return array.name == name; };
  if (std::count_if(arrays_.begin(), arrays_.end(), has_name) != 1)
    refuse("the frame must have one array \"" + std::string(name) + "\"");
  const Array& array = *std::find_if(arrays_.begin(), arrays_.end(), has_name);
  if (array.dtype != dtype) {
    refuse("array \"" + array.name + "\" has dtype " + dtype_name(array.dtype) + ", it must have " + dtype_name(dtype));
  }
  row_shape.insert(row_shape.begin(), n_rows.value_or(array.shape.empty() ? 0 : array.shape.front()));
  if (array.shape != row_shape) {
    refuse("array \"" + array.name + "\" must have the shape " + shape_text(row_shape) + ", it has " +
           shape_text(array.shape));
  }
  return array;
}

std::vector<double> RequestArrays::take_numbers(std::string_view name, std::size_t n_rows) {
  std::vector<double> numbers = take<double>(name, {}, n_rows);
  if (!std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); }))
    refuse("array \"" + std::string(name) + "\" has a number that is not finite");
  return numbers;
}

std::vector<std::array<double, 3>> RequestArrays::take_vectors(std::string_view name, std::size_t n_rows) {
  auto vectors = take<double, std::array<double, 3>>(name, {3}, n_rows);
  if (!std::all_of(vectors.begin(), vectors.end(), is_finite<3>))
    refuse("array \"" + std::string(name) + "\" has a number that is not finite");
  return vectors;
}

std::vector<std::uint8_t> RequestArrays::take_flags(std::string_view name, std::size_t n_rows) {
  std::vector<std::uint8_t> flags = take<std::uint8_t>(name, {}, n_rows);
  if (std::any_of(flags.begin(), flags.end(), [](std::uint8_t flag) { return flag > 1; }))
    refuse("array \"" + std::string(name) + "\" has a value that is neither 0 nor 1");
  return flags;
}

void RequestArrays::finish() const {
  for (const Array& array : arrays_) {
    if (std::find(seen_.begin(), seen_.end(), array.name) == seen_.end())
      refuse("the frame has the unknown array \"" + array.name + "\"");
  }
}

}  // namespace mofkernel::protocol
