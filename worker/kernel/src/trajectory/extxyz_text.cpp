#include "trajectory/extxyz_text.hpp"

#include <charconv>
#include <utility>

namespace mofkernel {
namespace {

constexpr std::size_t kLongestNumber = 32;

}  // namespace

void append_exact(std::string& out, double value) {
  std::array<char, kLongestNumber> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

void append_columns(std::string& out, const std::array<double, 3>& vector, int n_digits) {
  for (const double value : vector) {
    out.push_back(' ');
    if (n_digits == kEveryDigit) {
      append_exact(out, value);
      continue;
    }
    std::array<char, kLongestNumber> digits;
    char* const end = digits.data() + digits.size();
    out.append(digits.data(), std::to_chars(digits.data(), end, value, std::chars_format::general, n_digits).ptr);
  }
}

void append_key(std::string& out, const char* key, double value) {
  out.append(" ").append(key).append("=");
  append_exact(out, value);
}

void append_lattice(std::string& out, const std::array<std::array<double, 3>, 3>& cell,
                    const std::array<bool, 3>& pbc) {
  if (!pbc[0] && !pbc[1] && !pbc[2]) return;
  const char* separator = "Lattice=\"";
  for (const auto& row : cell) {
    for (const double value : row) {
      out.append(std::exchange(separator, " "));
      append_exact(out, value);
    }
  }
  out.append("\" ");
}

void append_stress(std::string& out, const std::array<double, 9>& stress) {
  const char* separator = " stress=\"";
  for (const double value : stress) {
    out.append(std::exchange(separator, " "));
    append_exact(out, value);
  }
  out.append("\"");
}

void append_pbc(std::string& out, const std::array<bool, 3>& pbc) {
  const char* separator = " pbc=\"";
  for (const bool is_periodic : pbc) out.append(std::exchange(separator, " ")).append(is_periodic ? "T" : "F");
  out.append("\"");
}

}  // namespace mofkernel
