// Sums over placements that the averages come from; for host and device.
#pragma once

#include <cmath>
#include <cstdint>

#include "backend/backend.hpp"

namespace mofkernel::adsorption {

/// w = exp(-E / kT).
struct Sums {
  double w;
  double w2;
  double wE;
  double w2E;
  double w2E2;

  MOFK_HD Sums& operator+=(const Sums& other) {
    w += other.w;
    w2 += other.w2;
    wE += other.wE;
    w2E += other.w2E;
    w2E2 += other.w2E2;
    return *this;
  }
};

/// Over all placements, and over those that are not blocked.
struct Totals {
  Sums all;
  Sums reachable;

  MOFK_HD Totals& operator+=(const Totals& other) {
    all += other.all;
    reachable += other.reachable;
    return *this;
  }
};

MOFK_HD inline Sums sums_of(double energy, double inverse_kT) {
  Sums sums{};
  const double w = exp(-energy * inverse_kT);
  // An overlap has no weight; its infinite energy must not meet it.
  if (w == 0) return sums;
  sums.w = w;
  sums.w2 = w * w;
  sums.wE = w * energy;
  sums.w2E = w * w * energy;
  sums.w2E2 = w * w * energy * energy;
  return sums;
}

}  // namespace mofkernel::adsorption
