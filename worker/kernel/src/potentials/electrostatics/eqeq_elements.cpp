// Ionization energies: NIST Atomic Spectra Database; electron affinities: CRC Handbook of Chemistry and Physics (both
// as the Python package mendeleev 1.3.0 gives them); nitrogen: Andersen, Haugen and Hotop, J. Phys. Chem. Ref. Data 28,
// 1511 (1999); 0 where an atom binds no electron. Hydrogen's affinity of -2 eV, and the charge centers of Mg, V, Co,
// Ni, Cu, Zn and Zr, are those of Wilmer, Kim and Snurr, J. Phys. Chem. Lett. 3, 2506 (2012); other metals have their
// common oxidation state as in Ongari et al., J. Chem. Theory Comput. 15, 382 (2019), who had to take lower ones where
// they knew no higher ionization energy (barium, lanthanides, third-row transition metals).
#include "potentials/electrostatics/eqeq_elements.hpp"

#include <algorithm>

namespace mofkernel::electrostatics {

namespace {

constexpr EqeqElement kElements[] = {
    {1, 0, -2, 13.5984},         // H
    {2, 0, 0, 24.5874},          // He
    {3, 1, 5.39171, 75.6401},    // Li
    {4, 2, 18.2111, 153.896},    // Be
    {5, 0, 0.279723, 8.29802},   // B
    {6, 0, 1.26212, 11.2603},    // C
    {7, 0, -0.07, 14.5341},      // N
    {8, 0, 1.46111, 13.6181},    // O
    {9, 0, 3.40119, 17.4228},    // F
    {10, 0, 0, 21.5645},         // Ne
    {11, 1, 5.13908, 47.2864},   // Na
    {12, 2, 15.0353, 80.1436},   // Mg
    {13, 3, 28.4476, 119.992},   // Al
    {14, 0, 1.38952, 8.15168},   // Si
    {15, 0, 0.746607, 10.4867},  // P
    {16, 0, 2.0771, 10.36},      // S
    {17, 0, 3.61273, 12.9676},   // Cl
    {18, 0, 0, 15.7596},         // Ar
    {19, 1, 4.34066, 31.625},    // K
    {20, 2, 11.8717, 50.9132},   // Ca
    {21, 3, 24.7568, 73.4894},   // Sc
    {22, 4, 43.2672, 99.299},    // Ti
    {23, 4, 46.709, 65.2816},    // V
    {24, 3, 30.959, 49.16},      // Cr
    {25, 2, 15.64, 33.668},      // Mn
    {26, 2, 16.1992, 30.651},    // Fe
    {27, 2, 17.0844, 33.5},      // Co
    {28, 2, 18.1688, 35.187},    // Ni
    {29, 2, 20.2924, 36.841},    // Cu
    {30, 2, 17.9644, 39.7233},   // Zn
    {31, 3, 30.7258, 63.241},    // Ga
    {32, 0, 1.23271, 7.89944},   // Ge
    {33, 0, 0.804, 9.78855},     // As
    {34, 0, 2.02067, 9.75237},   // Se
    {35, 0, 3.36359, 11.8138},   // Br
    {36, 0, 0, 13.9996},         // Kr
    {37, 1, 4.17713, 27.2895},   // Rb
    {38, 2, 11.0303, 42.8835},   // Sr
    {39, 3, 20.5244, 60.6072},   // Y
    {40, 4, 34.4184, 80.348},    // Zr
    {41, 4, 37.611, 50.5728},    // Nb
    {42, 4, 40.33, 54.417},      // Mo
    {43, 2, 15.26, 29.55},       // Tc
    {44, 2, 16.76, 28.47},       // Ru
    {45, 2, 18.08, 31.06},       // Rh
    {46, 2, 19.43, 32.93},       // Pd
    {47, 1, 7.57623, 21.4844},   // Ag
    {48, 2, 16.9083, 37.468},    // Cd
    {49, 3, 28.0441, 55.45},     // In
    {50, 2, 14.6331, 30.506},    // Sn
    {51, 0, 1.046, 8.60839},     // Sb
    {52, 0, 1.97088, 9.00981},   // Te
    {53, 0, 3.05904, 10.4512},   // I
    {54, 0, 0, 12.1298},         // Xe
    {55, 1, 3.89391, 23.1575},   // Cs
    {56, 2, 10.0038, 35.8438},   // Ba
    {57, 3, 19.1773, 49.95},     // La
    {58, 3, 20.1974, 36.906},    // Ce
    {59, 3, 21.6237, 38.981},    // Pr
    {60, 3, 22.09, 40.6},        // Nd
    {61, 3, 22.44, 41.17},       // Pm
    {62, 3, 23.55, 41.64},       // Sm
    {63, 3, 24.84, 42.94},       // Eu
    {64, 3, 20.54, 44.44},       // Gd
    {65, 3, 21.82, 39.33},       // Tb
    {66, 3, 22.89, 41.23},       // Dy
    {67, 3, 22.79, 42.52},       // Ho
    {68, 3, 22.7, 42.42},        // Er
    {69, 3, 23.66, 42.41},       // Tm
    {70, 3, 25.053, 43.61},      // Yb
    {71, 3, 20.9594, 45.249},    // Lu
    {72, 4, 33.37, 68.37},       // Hf
    {73, 5, 48.272, 94.01},      // Ta
    {74, 4, 38.2, 51.6},         // W
    {75, 3, 27, 39.1},           // Re
    {76, 3, 25, 41},             // Os
    {77, 3, 28, 40},             // Ir
    {78, 2, 18.56, 29},          // Pt
    {79, 1, 9.22555, 20.203},    // Au
    {80, 2, 18.7569, 34.49},     // Hg
    {81, 1, 6.10829, 20.4283},   // Tl
    {82, 2, 15.0325, 31.9373},   // Pb
    {83, 3, 25.5708, 45.37},     // Bi
    {90, 4, 28.648, 58},         // Th
    {92, 4, 36.7, 46},           // U
    {93, 4, 33.8, 48},           // Np
    {94, 4, 35, 49},             // Pu
};

}  // namespace

const EqeqElement* find_eqeq_element(int atomic_number) {
  const auto* const found = std::ranges::find(kElements, atomic_number, &EqeqElement::atomic_number);
  return found == std::ranges::end(kElements) ? nullptr : found;
}

}  // namespace mofkernel::electrostatics
