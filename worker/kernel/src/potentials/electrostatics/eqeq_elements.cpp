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
    {1, 0, -2, 13.598435},          // H
    {2, 0, 0, 24.587389},           // He
    {3, 1, 5.391715, 75.640097},    // Li
    {4, 2, 18.21115, 153.89621},    // Be
    {5, 0, 0.279723, 8.298019},     // B
    {6, 0, 1.262119, 11.260288},    // C
    {7, 0, -0.07, 14.53413},        // N
    {8, 0, 1.4611135, 13.618055},   // O
    {9, 0, 3.4011897, 17.42282},    // F
    {10, 0, 0, 21.564541},          // Ne
    {11, 1, 5.139077, 47.28636},    // Na
    {12, 2, 15.035271, 80.1436},    // Mg
    {13, 3, 28.447642, 119.9924},   // Al
    {14, 0, 1.3895211, 8.15168},    // Si
    {15, 0, 0.746607, 10.486686},   // P
    {16, 0, 2.077104, 10.36001},    // S
    {17, 0, 3.612725, 12.967633},   // Cl
    {18, 0, 0, 15.759612},          // Ar
    {19, 1, 4.3406637, 31.625},     // K
    {20, 2, 11.871719, 50.91316},   // Ca
    {21, 3, 24.756839, 73.4894},    // Sc
    {22, 4, 43.26717, 99.299},      // Ti
    {23, 4, 46.709, 65.28165},      // V
    {24, 3, 30.959, 49.16},         // Cr
    {25, 2, 15.63999, 33.668},      // Mn
    {26, 2, 16.19921, 30.651},      // Fe
    {27, 2, 17.0844, 33.5},         // Co
    {28, 2, 18.168838, 35.187},     // Ni
    {29, 2, 20.29239, 36.841},      // Cu
    {30, 2, 17.96439, 39.7233},     // Zn
    {31, 3, 30.72576, 63.241},      // Ga
    {32, 0, 1.232712, 7.899435},    // Ge
    {33, 0, 0.804, 9.78855},        // As
    {34, 0, 2.02067, 9.752368},     // Se
    {35, 0, 3.3635882, 11.81381},   // Br
    {36, 0, 0, 13.999605},          // Kr
    {37, 1, 4.1771281, 27.28954},   // Rb
    {38, 2, 11.030276, 42.88353},   // Sr
    {39, 3, 20.52441, 60.6072},     // Y
    {40, 4, 34.41836, 80.348},      // Zr
    {41, 4, 37.611, 50.5728},       // Nb
    {42, 4, 40.33, 54.417},         // Mo
    {43, 2, 15.26, 29.55},          // Tc
    {44, 2, 16.76, 28.47},          // Ru
    {45, 2, 18.08, 31.06},          // Rh
    {46, 2, 19.43, 32.93},          // Pd
    {47, 1, 7.576234, 21.4844},     // Ag
    {48, 2, 16.908313, 37.468},     // Cd
    {49, 3, 28.04415, 55.45},       // In
    {50, 2, 14.63307, 30.506},      // Sn
    {51, 0, 1.046, 8.608389},       // Sb
    {52, 0, 1.970876, 9.009808},    // Te
    {53, 0, 3.0590368, 10.451236},  // I
    {54, 0, 0, 12.129844},          // Xe
    {55, 1, 3.8939057, 23.15745},   // Cs
    {56, 2, 10.003826, 35.8438},    // Ba
    {57, 3, 19.1773, 49.95},        // La
    {58, 3, 20.1974, 36.906},       // Ce
    {59, 3, 21.6237, 38.981},       // Pr
    {60, 3, 22.09, 40.6},           // Nd
    {61, 3, 22.44, 41.17},          // Pm
    {62, 3, 23.55, 41.64},          // Sm
    {63, 3, 24.84, 42.94},          // Eu
    {64, 3, 20.54, 44.44},          // Gd
    {65, 3, 21.82, 39.33},          // Tb
    {66, 3, 22.89, 41.23},          // Dy
    {67, 3, 22.79, 42.52},          // Ho
    {68, 3, 22.7, 42.42},           // Er
    {69, 3, 23.66, 42.41},          // Tm
    {70, 3, 25.053, 43.61},         // Yb
    {71, 3, 20.9594, 45.249},       // Lu
    {72, 4, 33.37, 68.37},          // Hf
    {73, 5, 48.272, 94.01},         // Ta
    {74, 4, 38.2, 51.6},            // W
    {75, 3, 27, 39.1},              // Re
    {76, 3, 25, 41},                // Os
    {77, 3, 28, 40},                // Ir
    {78, 2, 18.56, 29},             // Pt
    {79, 1, 9.225554, 20.203},      // Au
    {80, 2, 18.75688, 34.49},       // Hg
    {81, 1, 6.1082873, 20.4283},    // Tl
    {82, 2, 15.032499, 31.9373},    // Pb
    {83, 3, 25.57075, 45.37},       // Bi
    {90, 4, 28.648, 58},            // Th
    {92, 4, 36.7, 46},              // U
    {93, 4, 33.8, 48},              // Np
    {94, 4, 35, 49},                // Pu
};

}  // namespace

const EqeqElement* find_eqeq_element(int atomic_number) {
  const auto* const found = std::ranges::find(kElements, atomic_number, &EqeqElement::atomic_number);
  return found == std::ranges::end(kElements) ? nullptr : found;
}

}  // namespace mofkernel::electrostatics
