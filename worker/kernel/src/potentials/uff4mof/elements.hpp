// Facts about the chemical elements that typing needs: symbols, covalent radii, which elements are metals.
#pragma once

#include <string_view>

namespace mofkernel::uff4mof {

inline constexpr int max_atomic_number = 103;

/// Symbol of an element, "X" outside 1..103.
std::string_view element_symbol(int atomic_number);

/// Single-bond covalent radius, A; curium and beyond have no published value and take that of curium.
/// Source: Cordero et al., Dalton Trans. 2008, 2832 (doi 10.1039/b801115j); C sp3, Mn, Fe, Co high spin.
double covalent_radius_A(int atomic_number);

/// Lithium, sodium, potassium, rubidium, caesium, francium.
bool is_alkali(int atomic_number);

/// Metals as a chemist counts them: B, Si, Ge, As, Sb, Te, Po and At are not among them.
bool is_metal(int atomic_number);

/// Lanthanum to lutetium and actinium to lawrencium.
bool is_f_block(int atomic_number);

}  // namespace mofkernel::uff4mof
