// A file of named tensors: the safetensors format (https://github.com/huggingface/safetensors), read with distrust.
//   8 bytes   length of the header, little-endian
//   header    JSON: {name: {"dtype", "shape", "data_offsets": [begin, end]}, …, "__metadata__"?}
//   data      the tensors, row-major, little-endian, one after another without holes
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "files/bytes.hpp"
#include "potentials/mace/model.hpp"

namespace mofkernel::mace {

enum class TensorType { f64, f32, i32 };

using Shape = std::vector<std::size_t>;

class TensorFile {
 public:
  /// Throws KernelError(file_error) that says what is wrong: cut off, header no JSON, tensors that overlap, leave holes
  /// or lie outside the file, a size that does not belong to the shape, an unknown type.
  explicit TensorFile(Bytes bytes);

  [[nodiscard]] bool has(const std::string& name) const { return entries_.contains(name); }
  /// Throws KernelError(file_error) when there is no such tensor.
  [[nodiscard]] const Shape& shape(const std::string& name) const { return entry(name).shape; }

  /// The tensor, which must have this shape, the numbers' type and finite numbers only; else KernelError(file_error).
  Tensor take(const std::string& name, const Shape& shape, TensorType type);
  std::vector<int> take_integers(const std::string& name, const Shape& shape);
  /// Throws KernelError(file_error) naming a tensor that nobody took.
  void finish() const;

 private:
  struct Entry {
    TensorType type;
    Shape shape;
    std::size_t begin, end;  ///< bytes from the start of the data
    bool is_taken = false;
  };

  void read_header(std::string_view text);
  void check_layout() const;
  [[nodiscard]] const Entry& entry(const std::string& name) const;
  std::span<const std::byte> take_bytes(const std::string& name, const Shape& shape, TensorType type);

  Bytes bytes_;
  std::size_t data_start_ = 0;
  std::map<std::string, Entry> entries_;
};

/// Throws KernelError(file_error): what is wrong with the files of a model, and the way out.
[[noreturn]] void refuse_files(const std::string& what);

}  // namespace mofkernel::mace
