// The activation functions of MACE's networks with their derivatives, for one number on either backend.
#pragma once

#include <cmath>

#include "backend/backend.hpp"
#include "potentials/mace/model.hpp"

namespace mofkernel::MOFK_NS::mace {

template <class T>
struct ActivationValue {
  T value, first, second;
};

MOFK_HD inline double exponential(double x) { return exp(x); }
MOFK_HD inline float exponential(float x) { return expf(x); }
MOFK_HD inline double hyperbolic_tangent(double x) { return tanh(x); }
MOFK_HD inline float hyperbolic_tangent(float x) { return tanhf(x); }

/// f(x) with its first and second derivative, without the activation's scale. silu(x) = x / (1 + exp(-x)); the second
/// derivative of |x| is zero.
template <class T>
MOFK_HD inline ActivationValue<T> activate(mofkernel::mace::ActivationName name, T x) {
  using mofkernel::mace::ActivationName;
  switch (name) {
    case ActivationName::silu: {
      const T s = T(1) / (T(1) + exponential(-x));
      return {x * s, s * (T(1) + x * (T(1) - s)), s * (T(1) - s) * (T(2) + x * (T(1) - T(2) * s))};
    }
    case ActivationName::sigmoid: {
      const T s = T(1) / (T(1) + exponential(-x));
      return {s, s * (T(1) - s), s * (T(1) - s) * (T(1) - T(2) * s)};
    }
    case ActivationName::tanh: {
      const T t = hyperbolic_tangent(x);
      return {t, T(1) - t * t, T(-2) * t * (T(1) - t * t)};
    }
    case ActivationName::abs:
      return {x < T(0) ? -x : x, x < T(0) ? T(-1) : (x > T(0) ? T(1) : T(0)), T(0)};
    case ActivationName::none:
      break;
  }
  return {x, T(1), T(0)};
}

}  // namespace mofkernel::MOFK_NS::mace
