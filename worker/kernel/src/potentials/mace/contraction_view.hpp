// The symmetric contraction as a list of steps, as the loops of both backends read it; plain numbers only.
#pragma once

namespace mofkernel::mace {

inline constexpr int kMostHarmonics = 25;  ///< l_max 4
inline constexpr int kMostOutputs = 16;    ///< output L 3
inline constexpr int kMostFactors = 3;     ///< of a head: correlation 4

/// A product of harmonics that monomials of several outputs begin with.
struct ContractionHead {
  int degree;
  int factors[kMostFactors];
  int end_term;  ///< its terms end here and begin where those of the head before end
};

/// head * (constant + sum over the leaves of coefficient * harmonic), a part of one output.
struct ContractionTerm {
  int output;  ///< L^2 + M
  int has_constant;
  int end_leaf;
};

/// Coefficients stand in the order of the steps: for each term its constant, if it has one, and those of its leaves.
struct ContractionView {
  const ContractionHead* heads;
  const ContractionTerm* terms;
  const int* leaves;  ///< harmonics
  int n_heads;
  int n_coefficients;
  int n_harmonics, n_outputs;
};

}  // namespace mofkernel::mace
