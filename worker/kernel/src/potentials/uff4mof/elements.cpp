#include "potentials/uff4mof/elements.hpp"

#include <algorithm>
#include <array>

namespace mofkernel::uff4mof {
namespace {

struct Element {
  std::string_view symbol;
  double covalent_radius_A;
};

constexpr std::array<Element, kMaxAtomicNumber + 1> elements{{
    {"X", 0.0},   {"H", 0.31},  {"He", 0.28}, {"Li", 1.28}, {"Be", 0.96}, {"B", 0.84},  {"C", 0.76},  {"N", 0.71},
    {"O", 0.66},  {"F", 0.57},  {"Ne", 0.58}, {"Na", 1.66}, {"Mg", 1.41}, {"Al", 1.21}, {"Si", 1.11}, {"P", 1.07},
    {"S", 1.05},  {"Cl", 1.02}, {"Ar", 1.06}, {"K", 2.03},  {"Ca", 1.76}, {"Sc", 1.70}, {"Ti", 1.60}, {"V", 1.53},
    {"Cr", 1.39}, {"Mn", 1.61}, {"Fe", 1.52}, {"Co", 1.50}, {"Ni", 1.24}, {"Cu", 1.32}, {"Zn", 1.22}, {"Ga", 1.22},
    {"Ge", 1.20}, {"As", 1.19}, {"Se", 1.20}, {"Br", 1.20}, {"Kr", 1.16}, {"Rb", 2.20}, {"Sr", 1.95}, {"Y", 1.90},
    {"Zr", 1.75}, {"Nb", 1.64}, {"Mo", 1.54}, {"Tc", 1.47}, {"Ru", 1.46}, {"Rh", 1.42}, {"Pd", 1.39}, {"Ag", 1.45},
    {"Cd", 1.44}, {"In", 1.42}, {"Sn", 1.39}, {"Sb", 1.39}, {"Te", 1.38}, {"I", 1.39},  {"Xe", 1.40}, {"Cs", 2.44},
    {"Ba", 2.15}, {"La", 2.07}, {"Ce", 2.04}, {"Pr", 2.03}, {"Nd", 2.01}, {"Pm", 1.99}, {"Sm", 1.98}, {"Eu", 1.98},
    {"Gd", 1.96}, {"Tb", 1.94}, {"Dy", 1.92}, {"Ho", 1.92}, {"Er", 1.89}, {"Tm", 1.90}, {"Yb", 1.87}, {"Lu", 1.87},
    {"Hf", 1.75}, {"Ta", 1.70}, {"W", 1.62},  {"Re", 1.51}, {"Os", 1.44}, {"Ir", 1.41}, {"Pt", 1.36}, {"Au", 1.36},
    {"Hg", 1.32}, {"Tl", 1.45}, {"Pb", 1.46}, {"Bi", 1.48}, {"Po", 1.40}, {"At", 1.50}, {"Rn", 1.50}, {"Fr", 2.60},
    {"Ra", 2.21}, {"Ac", 2.15}, {"Th", 2.06}, {"Pa", 2.00}, {"U", 1.96},  {"Np", 1.90}, {"Pu", 1.87}, {"Am", 1.80},
    {"Cm", 1.69}, {"Bk", 1.69}, {"Cf", 1.69}, {"Es", 1.69}, {"Fm", 1.69}, {"Md", 1.69}, {"No", 1.69}, {"Lr", 1.69},
}};

bool is_between(int atomic_number, int first, int last) { return atomic_number >= first && atomic_number <= last; }

}  // namespace

std::string_view element_symbol(int atomic_number) {
  return elements[is_between(atomic_number, 1, kMaxAtomicNumber) ? static_cast<std::size_t>(atomic_number) : 0].symbol;
}

double covalent_radius_A(int atomic_number) {
  return elements[static_cast<std::size_t>(std::clamp(atomic_number, 0, kMaxAtomicNumber))].covalent_radius_A;
}

bool is_alkali(int atomic_number) {
  constexpr std::array<int, 6> alkali{3, 11, 19, 37, 55, 87};
  return std::find(alkali.begin(), alkali.end(), atomic_number) != alkali.end();
}

bool is_f_block(int atomic_number) { return is_between(atomic_number, 57, 71) || is_between(atomic_number, 89, 103); }

bool is_metal(int atomic_number) {
  return is_alkali(atomic_number) || is_f_block(atomic_number) || is_between(atomic_number, 21, 30) ||
         is_between(atomic_number, 39, 48) || is_between(atomic_number, 72, 80) || is_between(atomic_number, 12, 13) ||
         atomic_number == 4 || atomic_number == 20 || atomic_number == 31 || atomic_number == 38 ||
         is_between(atomic_number, 49, 50) || atomic_number == 56 || is_between(atomic_number, 81, 83) ||
         atomic_number == 88;
}

}  // namespace mofkernel::uff4mof
