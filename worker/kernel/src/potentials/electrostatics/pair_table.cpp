#include "potentials/electrostatics/pair_table.hpp"

#include <bit>
#include <cmath>
#include <cstdint>

#include "potentials/electrostatics/formulas.hpp"
#include "potentials/electrostatics/simd_kernels.hpp"

namespace mofkernel::electrostatics {

namespace {

/// Value and derivative by u = r^2.
struct Sample {
  double value, derivative;
};

struct PairSample {
  Sample energy, slope;
};

PairSample sample(const Splitting& p, double cutoff, double u) {
  const double r = std::sqrt(u);
  double slope = 0;
  const double energy = screened_pair(PairSplitting<double>{p.alpha, p.shift, p.slope_shift, cutoff}, r, slope);
  const double gauss = kTwoOverRootPi * p.alpha * std::exp(-p.alpha * p.alpha * u);
  const double by_r =
      3 * (std::erfc(p.alpha * r) / r + gauss) / (u * r) + 2 * p.alpha * p.alpha * gauss / r + p.slope_shift / u;
  return {{energy, slope / 2}, {slope, by_r / (2 * r)}};
}

void add_cubic(std::vector<double>& table, const Sample& at_begin, const Sample& at_end, double width) {
  const double mean = (at_end.value - at_begin.value) / width;
  table.push_back(at_begin.value);
  table.push_back(at_begin.derivative);
  table.push_back((3 * mean - 2 * at_begin.derivative - at_end.derivative) / width);
  table.push_back((at_begin.derivative + at_end.derivative - 2 * mean) / (width * width));
}

double interval_begin(long long interval) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(interval) << cpu::kTableShift);
}

}  // namespace

long long table_interval(double u) {
  return static_cast<long long>(std::bit_cast<std::uint64_t>(u) >> cpu::kTableShift);
}

std::vector<double> build_pair_table(const Splitting& splitting, double cutoff_A) {
  std::vector<double> table;
  const long long last = table_interval(cutoff_A * cutoff_A);
  for (long long interval = table_interval(kTableBegin_A2); interval <= last; ++interval) {
    const double begin = interval_begin(interval);
    const double end = interval_begin(interval + 1);
    const PairSample a = sample(splitting, cutoff_A, begin);
    const PairSample b = sample(splitting, cutoff_A, end);
    add_cubic(table, a.energy, b.energy, end - begin);
    add_cubic(table, a.slope, b.slope, end - begin);
  }
  return table;
}

}  // namespace mofkernel::electrostatics
