// What the contraction on either backend begins with. Included by contraction.cpp and contraction.cu only.
#pragma once

#include <vector>

#include "potentials/mace/contraction.hpp"
#include "potentials/mace/contraction_program.hpp"

namespace mofkernel::MOFK_NS::mace {

/// Channels of an element whose coefficients lie side by side: a pack of the CPU, a warp of a GPU.
template <class T>
inline constexpr int kCoefficientLanes = kIsCuda ? 32 : static_cast<int>(32 / sizeof(T));

inline int n_lane_blocks(int n_channels, int n_lanes) { return (n_channels + n_lanes - 1) / n_lanes; }

template <class T>
Contraction<T>::Contraction(const Context& context, const mofkernel::mace::Product& product, int l_max, int n_channels,
                            const AtomGroups& atoms)
    : context_(&context),
      n_channels_(n_channels),
      heads_(context),
      terms_(context),
      runs_(context),
      leaves_(context),
      coefficients_(context) {
  const mofkernel::mace::ContractionProgram program = mofkernel::mace::plan_contraction(
      product, l_max, kIsCuda ? mofkernel::mace::TermOrder::by_head : mofkernel::mace::TermOrder::by_output);
  n_coefficients_ = program.n_coefficients();
  n_harmonics_ = program.n_harmonics;
  n_outputs_ = program.n_outputs;
  heads_.upload(program.heads);
  terms_.upload(program.terms);
  runs_.upload(program.runs);
  leaves_.upload(program.leaves);
  std::vector<T> coefficients;
  for (const int element : atoms.elements) {
    const std::vector<double> of_element =
        mofkernel::mace::contraction_coefficients(program, product, element, n_channels, kCoefficientLanes<T>);
    for (const double coefficient : of_element) coefficients.push_back(static_cast<T>(coefficient));
  }
  coefficients_.upload(coefficients);
}

template <class T>
mofkernel::mace::ContractionView Contraction<T>::view() const {
  return {heads_.data(),
          terms_.data(),
          runs_.data(),
          leaves_.data(),
          static_cast<int>(heads_.size()),
          static_cast<int>(terms_.size()),
          static_cast<int>(runs_.size()),
          n_coefficients_,
          n_harmonics_,
          n_outputs_};
}

}  // namespace mofkernel::MOFK_NS::mace
