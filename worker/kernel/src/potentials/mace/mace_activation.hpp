// An activation with its scale, as device code takes it.
#pragma once

#include "potentials/mace/activation.hpp"

namespace mofkernel::MOFK_NS::mace {

/// scale * f(x).
template <class T>
struct ScaledActivation {
  mofkernel::mace::ActivationName name;
  T scale;

  explicit ScaledActivation(const mofkernel::mace::Activation& activation)
      : name(activation.name), scale(static_cast<T>(activation.scale)) {}

  MOFK_HD T value(T x) const { return scale * activate(name, x).value; }
  MOFK_HD T derivative(T x) const { return scale * activate(name, x).first; }
};

}  // namespace mofkernel::MOFK_NS::mace
