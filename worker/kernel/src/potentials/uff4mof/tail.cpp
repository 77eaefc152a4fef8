#include "potentials/uff4mof/tail.hpp"

#include <cmath>
#include <numbers>

namespace mofkernel::uff4mof {

namespace {

/// Integral over [low, high] by Gauss-Legendre of order 10 on equal pieces. The integrand is a polynomial times r^-10
/// and r^-4 over a range of less than a factor 2: 8 pieces leave an error below 1e-14 of the value.
template <class F>
double integrate(double low, double high, F f) {
  // Abramowitz and Stegun, Handbook of Mathematical Functions, table 25.4, n = 10.
  constexpr double kNodes[5] = {0.148874338981631210884826, 0.433395394129247190799266, 0.679409568299024406234327,
                                0.865063366688984510732097, 0.973906528517171720077964};
  constexpr double kWeights[5] = {0.295524224714752870173815, 0.269266719309996355091227, 0.219086362515982043995535,
                                  0.149451349150580593145863, 0.066671344308688137593568};
  constexpr int kPieces = 8;
  const double half = (high - low) / (2 * kPieces);
  double sum = 0;
  for (int piece = 0; piece < kPieces; ++piece) {
    const double middle = low + (2 * piece + 1) * half;
    for (int k = 0; k < 5; ++k) sum += kWeights[k] * (f(middle - kNodes[k] * half) + f(middle + kNodes[k] * half));
  }
  return sum * half;
}

}  // namespace

PairTail compute_pair_tail(double epsilon_eV, double x_A, Truncation truncation, double switch_start_A,
                           double cutoff_A) {
  const double x6 = std::pow(x_A, 6);
  const double a = epsilon_eV * x6 * x6;
  const double b = 2 * epsilon_eV * x6;
  const double r3 = std::pow(cutoff_A, 3);
  const double repulsion = a / (9 * r3 * r3 * r3);
  const double attraction = b / (3 * r3);
  const double two_pi = 2 * std::numbers::pi;  // half of 4 pi: each pair stands in the sum over ordered pairs twice
  if (truncation == Truncation::plain || switch_start_A >= cutoff_A) {
    return {two_pi * (repulsion - attraction), two_pi * (2 * attraction - 4 * repulsion)};
  }
  const double width = cutoff_A - switch_start_A;
  const auto removed = [=](double r) {
    const double t = (r - switch_start_A) / width;
    const double inverse_r4 = 1 / (r * r * r * r);
    // (1 - S) (a/r^12 - b/r^6) r^2
    return t * t * t * (10 + t * (6 * t - 15)) * inverse_r4 * (a * inverse_r4 / (r * r) - b);
  };
  const double energy = two_pi * (integrate(switch_start_A, cutoff_A, removed) + repulsion - attraction);
  return {energy, -energy};
}

}  // namespace mofkernel::uff4mof
