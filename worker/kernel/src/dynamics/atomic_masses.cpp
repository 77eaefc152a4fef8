#include "dynamics/atomic_masses.hpp"

#include <array>
#include <string>

#include "errors.hpp"

namespace mofkernel {
namespace {

constexpr std::array<double, 103> kMasses{
    1.0080, 4.0026,                                                          // H He
    6.94,   9.0122, 10.81,  12.011, 14.007, 15.999, 18.998, 20.180,          // Li - Ne
    22.990, 24.305, 26.982, 28.085, 30.974, 32.06,  35.45,  39.95,           // Na - Ar
    39.098, 40.078, 44.956, 47.867, 50.942, 51.996, 54.938, 55.845, 58.933,  // K - Co
    58.693, 63.546, 65.38,  69.723, 72.630, 74.922, 78.971, 79.904, 83.798,  // Ni - Kr
    85.468, 87.62,  88.906, 91.224, 92.906, 95.95,  97,     101.07, 102.91,  // Rb - Rh
    106.42, 107.87, 112.41, 114.82, 118.71, 121.76, 127.60, 126.90, 131.29,  // Pd - Xe
    132.91, 137.33,                                                          // Cs Ba
    138.91, 140.12, 140.91, 144.24, 145,    150.36, 151.96, 157.25,          // La - Gd
    158.93, 162.50, 164.93, 167.26, 168.93, 173.05, 174.97,                  // Tb - Lu
    178.49, 180.95, 183.84, 186.21, 190.23, 192.22, 195.08, 196.97, 200.59,  // Hf - Hg
    204.38, 207.2,  208.98, 209,    210,    222,                             // Tl - Rn
    223,    226,    227,    232.04, 231.04, 238.03, 237,    244,    243,     // Fr - Am
    247,    247,    251,    252,    257,    258,    259,    262,             // Cm - Lr
};

}  // namespace

double standard_atomic_mass(int atomic_number) {
  if (atomic_number < 1 || atomic_number > static_cast<int>(kMasses.size())) {
    throw KernelError(ErrorCode::unsupported, "no atomic mass is known for element " + std::to_string(atomic_number) +
                                                  "; give the masses with the request");
  }
  return kMasses[static_cast<std::size_t>(atomic_number) - 1];
}

}  // namespace mofkernel
