#include "dynamics/mtk.hpp"
#include "optimizers/matrix_exponential.hpp"

namespace mofkernel::MOFK_NS {

/// exponential = exp(a) and mean = integral of exp(s a) for s from 0 to 1, by their series; |a| < 1/2.
MOFK_HD inline void small_exponential(const double* a, double* exponential, double* mean) {
  constexpr int kMostTerms = 20;
  double term[9], next[9];
  for (int k = 0; k < 9; ++k) term[k] = exponential[k] = mean[k] = k % 4 == 0 ? 1.0 : 0.0;
  for (int n = 1; n <= kMostTerms; ++n) {
    multiply_matrices(term, a, next);
    double largest = 0;
    for (int k = 0; k < 9; ++k) {
      term[k] = next[k] / n;
      exponential[k] += term[k];
      mean[k] += term[k] / (n + 1);
      largest = fabs(term[k]) > largest ? fabs(term[k]) : largest;
    }
    if (largest < 1e-18) return;
  }
}

/// Symmetric momenta p (xx yy zz yz xz xy) of the cell's deformation; mass W = (n_dof + 3) / 3 kT time^2. The virial
/// is symmetric, so that a symmetric start stays so: the rotation of the cell never begins.
struct FullBox {
  using Map = Linear;
  static constexpr int kMomenta = 6;
  static constexpr int kDegrees = 6;

  MOFK_HD static double mass(double n_dof) { return (n_dof + 3) / 3; }
  MOFK_HD static double twice_kinetic(const double* p, double mass) {
    double sum = 0;
    for (int k = 0; k < 6; ++k) sum += (k < 3 ? 1.0 : 2.0) * p[k] * p[k];
    return sum / mass;
  }
  MOFK_HD static Map multiple(double factor) { return {{factor, 0, 0, 0, factor, 0, 0, 0, factor}}; }
  MOFK_HD static Propagator<Map> standstill() {
    return {multiple(1), multiple(0), multiple(1), multiple(0), multiple(1), multiple(0)};
  }
  MOFK_HD static bool is_gentle(const double* p, double dt_over_mass) {
    for (int k = 0; k < 6; ++k) {
      if (!(fabs(p[k] * dt_over_mass) < 0.1)) return false;
    }
    return true;
  }

  MOFK_HD static void push(double* p, const BoxForces& f, double dt) {
    const double isotropic = f.inverse_n_dof * f.kinetic.trace() - f.pressure_volume;
    for (int k = 0; k < 6; ++k) p[k] += dt * (f.kinetic.m[k] - f.virial[k] + (k < 3 ? isotropic : 0.0));
  }

  /// p of both indices times `factor`, `diagonal` added on the diagonal.
  MOFK_HD static void expand(const double* p, double factor, double diagonal, double* out) {
    const double full[9] = {p[0], p[5], p[4], p[5], p[1], p[3], p[4], p[3], p[2]};
    for (int k = 0; k < 9; ++k) out[k] = factor * full[k] + (k % 4 == 0 ? diagonal : 0.0);
  }

  MOFK_HD static Propagator<Map> propagator(const double* p, double mass, double inverse_n_dof, double factor,
                                            double dt) {
    Propagator<Map> out;
    double strain[9], drag[9];
    expand(p, dt / mass, 0, strain);
    const double trace = p[0] + p[1] + p[2];
    expand(p, -0.5 * dt / mass, -0.5 * dt / mass * inverse_n_dof * trace, drag);
    small_exponential(strain, out.stretch.m, out.drift.m);
    small_exponential(drag, out.keep_after.m, out.push_after.m);
    for (int k = 0; k < 9; ++k) {
      out.drift.m[k] *= dt;
      out.push_after.m[k] *= 0.5 * dt;
      out.keep.m[k] = factor * out.keep_after.m[k];
      out.push.m[k] = out.push_after.m[k];
    }
    return out;
  }
};

std::unique_ptr<Integrator> make_mtk_full(const MdSystem& system, const MdOptions& options) {
  return std::make_unique<MtkBarostat<FullBox>>(system, options);
}

}  // namespace mofkernel::MOFK_NS
