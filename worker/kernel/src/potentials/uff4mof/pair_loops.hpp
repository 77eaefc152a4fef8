// The loops over pairs, and those of their list, for one instruction set; for *.simd.cpp files only.
#pragma once

#include "potentials/uff4mof/simd_kernels.hpp"

namespace mofkernel::cpu::MOFK_SIMD_NS {

void pairs_in_double(const PairWork<double>& work, int first, int last, bool wants_energies, double* forces);
void pairs_in_single(const PairWork<float>& work, int first, int last, bool wants_energies, float* forces);
Reach reach(const ReachWork& work);
int near_boxes(const BoxWork& work, int* near, double* squared_distances);

}  // namespace mofkernel::cpu::MOFK_SIMD_NS
