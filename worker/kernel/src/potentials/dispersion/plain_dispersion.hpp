// D3 dispersion by the code that a GPU runs, for both backends; on the CPU it is what the tuned loops are tested
// against.
#pragma once

#include "potentials/dispersion/dispersion.hpp"
#include "potentials/dispersion/model.hpp"

namespace mofkernel::MOFK_NS {

/// Of its neighbor list. A list this wide has many entries: a larger skin would cost more than the builds it saves.
inline constexpr double kDispersionSkin_A = 0.75;

std::unique_ptr<Potential> make_plain_dispersion(const Context& context, const dispersion::Model& model,
                                                 Precision precision);

/// Energies, virials, forces and energies per atom, as wanted, of what every atom got from its pairs.
struct DispersionSum {
  double energy;     ///< half of that of its pairs, eV
  double force[3];   ///< eV/A
  double virial[6];  ///< half of that of its pairs, xx yy zz yz xz xy, eV

  MOFK_HD DispersionSum& operator+=(const DispersionSum& other) {
    energy += other.energy;
    for (int a = 0; a < 3; ++a) force[a] += other.force[a];
    for (int a = 0; a < 6; ++a) virial[a] += other.virial[a];
    return *this;
  }
};

/// Sums over the atoms in their order; `sums` [n_atoms] on the device.
void store_dispersion(const Context& context, const Batch& batch, const DispersionSum* sums, EvaluateWant want,
                      DeviceEvaluation& out);

}  // namespace mofkernel::MOFK_NS
