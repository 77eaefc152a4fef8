// How the polynomials of the symmetric contraction are evaluated: monomials of all outputs that share all factors but
// one are gathered behind their product. Host only.
#pragma once

#include <vector>

#include "potentials/mace/contraction_view.hpp"
#include "potentials/mace/model.hpp"

namespace mofkernel::mace {

/// Where a coefficient comes from: a row of the couplings of one degree of one output L.
struct MonomialRow {
  int output_l;
  int degree;
  int row;
};

/// How terms follow one another: those of a head together, for a GPU, which then keeps what belongs to it in registers;
/// or those of an output together, by their shape, for a CPU, which keeps the output and can foresee its branches.
enum class TermOrder { by_head, by_output };

struct ContractionProgram {
  std::vector<ContractionHead> heads;
  std::vector<ContractionTerm> terms;
  std::vector<ContractionRun> runs;
  std::vector<int> leaves;
  std::vector<MonomialRow> sources;  ///< of the coefficients, in the order of the terms
  int n_harmonics = 0, n_outputs = 0;

  [[nodiscard]] int n_coefficients() const { return static_cast<int>(sources.size()); }
};

/// Throws KernelError(unsupported) beyond l_max 4, output L 3 or correlation 4.
ContractionProgram plan_contraction(const Product& product, int l_max, TermOrder order);

/// sum over the couplings of coupling * weight for one element of the model: [n_channels / n_lanes, rounded
/// up][n_coefficients][n_lanes], zero behind the last channel.
std::vector<double> contraction_coefficients(const ContractionProgram& program, const Product& product, int element,
                                             int n_channels, int n_lanes);

}  // namespace mofkernel::mace
