// The k-space part of an Ewald sum by the tuned loops of the CPU.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "potentials/electrostatics/coulomb_model.hpp"
#include "potentials/electrostatics/simd_kernels.hpp"
#include "potentials/electrostatics/wave_list.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::cpu {

class CpuWaves {
 public:
  CpuWaves(const Context& context, const electrostatics::CoulombModel& model);

  /// Adds forces to `forces` [n_atoms][3], and for every structure energy and virial (nine numbers, not yet with those
  /// of other parts) to `energies` and `virials`.
  void add(const Batch& batch, bool wants_forces, double* forces, double* energies, double* virials);

  [[nodiscard]] ListReference list_reference() const { return list_.reference(); }
  void restore(const ListReference& reference) { list_.restore(reference); }

 private:
  /// Where the waves and the phases of one structure lie.
  struct Part {
    int first_atom, n_atoms, n_packs;
    std::size_t first_phase, first_charge;
    int first_column, n_columns;
    int first_wave, n_waves;
  };

  void build_columns();
  void weigh(const Part& part, std::size_t structure, const double* cell);
  void place(const Batch& batch, const Part& part, std::size_t structure);
  [[nodiscard]] WaveWork work_of(const Part& part) const;
  void sum_factors(const Part& part);
  void sum_waves(const Part& part, const double* cell, double& energy, double* virial) const;
  void add_forces(const Part& part, const double* cell, double* forces);

  const Context& context_;
  const ChargeKernels& kernels_;
  std::vector<double> alpha_, k_cutoff_;
  WaveList list_;
  std::int64_t n_builds_ = 0;  // of the list that the columns were built from
  std::vector<Part> parts_;
  std::vector<double> charges_;  // of all structures, each padded to whole packs
  std::vector<WaveColumn> columns_;
  std::vector<char> is_listed_;  // [n_waves] the rows of columns have entries that count elsewhere or nowhere
  std::vector<double> weights_, slopes_, re_, im_;  // [n_waves]
  std::vector<double> phases_;
  std::vector<double> scratch_;
  std::vector<double> weighed_cells_;
};

}  // namespace mofkernel::cpu
