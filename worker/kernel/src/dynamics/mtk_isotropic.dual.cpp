#include "dynamics/mtk.hpp"

namespace mofkernel::MOFK_NS {

/// Momentum p of the logarithm of the volume's cube root; mass W = (n_dof + 3) kT time^2.
struct IsotropicBox {
  using Map = Scale;
  static constexpr int kMomenta = 1;
  static constexpr int kDegrees = 1;

  MOFK_HD static double mass(double n_dof) { return n_dof + 3; }
  MOFK_HD static double twice_kinetic(const double* p, double mass) { return p[0] * p[0] / mass; }
  MOFK_HD static Map multiple(double factor) { return {factor}; }
  MOFK_HD static Propagator<Map> standstill() { return {{1}, {0}, {1}, {0}, {1}, {0}}; }
  MOFK_HD static bool is_gentle(const double* p, double dt_over_mass) { return fabs(p[0] * dt_over_mass) < 0.1; }

  MOFK_HD static void push(double* p, const BoxForces& f, double dt) {
    const double twice_kinetic = f.kinetic.trace();
    const double internal = twice_kinetic - (f.virial[0] + f.virial[1] + f.virial[2]);
    p[0] += dt * (internal - 3 * f.pressure_volume + 3 * f.inverse_n_dof * twice_kinetic);
  }

  MOFK_HD static Propagator<Map> propagator(const double* p, double mass, double inverse_n_dof, double factor,
                                            double dt) {
    const double strain = p[0] / mass * dt;
    const double drag = -(1 + 3 * inverse_n_dof) * strain / 2;
    const double keep = exp(drag);
    const double push = 0.5 * dt * relative_exponential(drag);
    return {{factor * keep}, {push}, {exp(strain)}, {dt * relative_exponential(strain)}, {keep}, {push}};
  }
};

std::unique_ptr<Integrator> make_mtk_isotropic(const MdSystem& system, const MdOptions& options) {
  return std::make_unique<MtkBarostat<IsotropicBox>>(system, options);
}

}  // namespace mofkernel::MOFK_NS
