#include "potentials/uff4mof/deck_rules.hpp"

#include <algorithm>
#include <array>

#include "potentials/uff4mof/elements.hpp"

namespace mofkernel::uff4mof {
namespace {

/// The tool shortens zirconium from 1.75 A, because the general factor would bond Zr to Zr in Zr6 nodes.
double deck_radius_A(int z) { return z == kZirconium ? 1.5 : covalent_radius_A(z); }

/// Part of the distance that must lie below the sum of the radii.
double deck_bond_factor(int z_i, int z_j) {
  const int low = std::min(z_i, z_j);
  const int high = std::max(z_i, z_j);
  const auto is_pair = [low, high](int a, int b) { return low == a && high == b; };
  const auto is_metal_with = [z_i, z_j](int z) {
    return (z_i == z && is_deck_metal(z_j)) || (z_j == z && is_deck_metal(z_i));
  };
  if (is_pair(kHydrogen, kNitrogen)) return 0.67;
  if (is_pair(kHydrogen, kOxygen) || is_pair(kCarbon, kOxygen) || is_pair(kHydrogen, kCarbon)) return 0.80;
  if (is_pair(kNitrogen, kMagnesium) || is_metal_with(kFluorine)) return 0.80;
  if (is_metal_with(kOxygen)) return 0.82;
  return 0.90;
}

}  // namespace

DeckBondLimits deck_bond_limits(int z_i, int z_j) {
  if (is_alkali(z_i) || is_alkali(z_j)) return {0, 0};
  constexpr double kStretchA = 0.2;
  // A displacement by 0.05 A along each axis, as in the references, moves an oxo-bridged V-V contact (3.42 A) this far.
  constexpr double kContactA = 0.35;
  const double limit_A = (deck_radius_A(z_i) + deck_radius_A(z_j)) / deck_bond_factor(z_i, z_j);
  const int low = std::min(z_i, z_j);
  const int high = std::max(z_i, z_j);
  const auto is_pair = [low, high](int a, int b) { return low == a && high == b; };
  if (is_pair(kHydrogen, kCarbon) || is_pair(kCarbon, kCarbon) || is_pair(kCarbon, kNitrogen) ||
      is_pair(kNitrogen, kZinc)) {
    return {limit_A, limit_A + kStretchA};
  }
  if (is_pair(kVanadium, kVanadium) || is_pair(kZirconium, kZirconium)) return {limit_A - kContactA, limit_A};
  return {limit_A, limit_A};
}

bool is_deck_metal(int atomic_number) {
  constexpr int kAstatine = 85;
  constexpr std::array<int, 8> metalloids{kBoron,    kSilicon,   kGermanium, kArsenic,
                                          kAntimony, kTellurium, kPolonium,  kAstatine};
  if (std::find(metalloids.begin(), metalloids.end(), atomic_number) != metalloids.end()) return true;
  return is_metal(atomic_number) && !is_f_block(atomic_number);
}

bool is_deck_organic(int atomic_number) {
  return atomic_number == kHydrogen || atomic_number == kCarbon || atomic_number == kNitrogen ||
         atomic_number == kOxygen || atomic_number == kSulfur;
}

}  // namespace mofkernel::uff4mof
