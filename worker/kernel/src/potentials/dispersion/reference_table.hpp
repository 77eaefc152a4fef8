// What D3 knows of the elements: reference molecules, their coordination numbers and C6 coefficients. The numbers stand
// in reference_table.cpp, which make_reference_table.py writes.
#pragma once

#include <cstdint>

namespace mofkernel::dispersion {

inline constexpr int kLastElement = 94;
inline constexpr int kReferences = 254;           ///< of all elements together
inline constexpr int kLargestReferenceCount = 5;  ///< of one element

// The references of hydrogen come first, then those of helium, …
extern const unsigned char kReferencesOfElement[kLastElement];  ///< by atomic number less one
extern const double kCovalentRadius_A[kLastElement];
extern const double kRootQ_bohr[kLastElement];  ///< C8_AB = 3 C6_AB times those of A and of B
extern const double kReferenceCoordination[kReferences];
/// Lower triangle of the symmetric matrix, row by row, in units of 1e-4 hartree bohr^6.
extern const std::uint32_t kReferenceC6[kReferences * (kReferences + 1) / 2];

}  // namespace mofkernel::dispersion
