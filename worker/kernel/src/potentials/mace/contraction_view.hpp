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
};

/// head * (constant + sum over the leaves of coefficient * harmonic), a part of one output.
struct ContractionTerm {
  int head;
  int output;  ///< L^2 + M
  int has_constant;
  int end_leaf;  ///< its leaves begin where those of the term before end
};

/// Terms of the same output and shape.
struct ContractionRun {
  int output;
  int end_term;  ///< they begin where those of the run before end
  int n_leaves;
  int has_constant;
};

/// Coefficients stand in the order of the terms: the constant, if there is one, and those of the leaves.
struct ContractionView {
  const ContractionHead* heads;  ///< by degree
  const ContractionTerm* terms;
  const ContractionRun* runs;
  const int* leaves;  ///< harmonics
  int n_heads, n_terms, n_runs;
  int n_coefficients;
  int n_harmonics, n_outputs;
};

}  // namespace mofkernel::mace
