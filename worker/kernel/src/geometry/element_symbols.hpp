// The elements' symbols, as files have them.
#pragma once

#include <string_view>

namespace mofkernel {

inline constexpr int kLastElement = 118;

/// "Zn" -> 30, 0 when there is no such element.
int atomic_number_of(std::string_view symbol);

/// 30 -> "Zn", "X" when there is no such element.
std::string_view symbol_of(int atomic_number);

}  // namespace mofkernel
