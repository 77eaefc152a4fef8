#include "geometry/element_symbols.hpp"

#include <algorithm>
#include <array>

namespace mofkernel {
namespace {

constexpr std::array<std::string_view, kLastElement + 1> kSymbols{
    "X",  "H",  "He", "Li", "Be", "B",  "C",  "N",  "O",  "F",  "Ne", "Na", "Mg", "Al", "Si", "P",  "S",
    "Cl", "Ar", "K",  "Ca", "Sc", "Ti", "V",  "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Ge", "As",
    "Se", "Br", "Kr", "Rb", "Sr", "Y",  "Zr", "Nb", "Mo", "Tc", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn",
    "Sb", "Te", "I",  "Xe", "Cs", "Ba", "La", "Ce", "Pr", "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho",
    "Er", "Tm", "Yb", "Lu", "Hf", "Ta", "W",  "Re", "Os", "Ir", "Pt", "Au", "Hg", "Tl", "Pb", "Bi", "Po",
    "At", "Rn", "Fr", "Ra", "Ac", "Th", "Pa", "U",  "Np", "Pu", "Am", "Cm", "Bk", "Cf", "Es", "Fm", "Md",
    "No", "Lr", "Rf", "Db", "Sg", "Bh", "Hs", "Mt", "Ds", "Rg", "Cn", "Nh", "Fl", "Mc", "Lv", "Ts", "Og"};

}  // namespace

int atomic_number_of(std::string_view symbol) {
  const auto* const found = std::find(kSymbols.begin() + 1, kSymbols.end(), symbol);
  return found == kSymbols.end() ? 0 : static_cast<int>(found - kSymbols.begin());
}

std::string_view symbol_of(int atomic_number) {
  const bool is_known = atomic_number >= 1 && atomic_number <= kLastElement;
  return kSymbols[is_known ? static_cast<std::size_t>(atomic_number) : 0];
}

}  // namespace mofkernel
