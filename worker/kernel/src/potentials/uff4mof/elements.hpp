// Facts about the chemical elements that typing needs: symbols, covalent radii, which elements are metals.
#pragma once

#include <string_view>

namespace mofkernel::uff4mof {

inline constexpr int kMaxAtomicNumber = 103;

// Atomic numbers that the rules name.
inline constexpr int kHydrogen = 1;
inline constexpr int kBoron = 5;
inline constexpr int kCarbon = 6;
inline constexpr int kNitrogen = 7;
inline constexpr int kOxygen = 8;
inline constexpr int kFluorine = 9;
inline constexpr int kMagnesium = 12;
inline constexpr int kAluminium = 13;
inline constexpr int kSilicon = 14;
inline constexpr int kPhosphorus = 15;
inline constexpr int kSulfur = 16;
inline constexpr int kChlorine = 17;
inline constexpr int kVanadium = 23;
inline constexpr int kZinc = 30;
inline constexpr int kGallium = 31;
inline constexpr int kGermanium = 32;
inline constexpr int kArsenic = 33;
inline constexpr int kSelenium = 34;
inline constexpr int kBromine = 35;
inline constexpr int kZirconium = 40;
inline constexpr int kAntimony = 51;
inline constexpr int kTellurium = 52;
inline constexpr int kIodine = 53;
inline constexpr int kHafnium = 72;
inline constexpr int kThallium = 81;
inline constexpr int kBismuth = 83;
inline constexpr int kPolonium = 84;

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
