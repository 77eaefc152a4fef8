#include "dynamics/integrator.hpp"

namespace mofkernel::MOFK_NS {

std::unique_ptr<Integrator> make_integrator(const MdSystem& system, const MdOptions& options) {
  switch (options.ensemble) {
    case Ensemble::nve:
      return make_velocity_verlet(system);
    case Ensemble::nvt_langevin:
      return make_langevin(system, options);
    case Ensemble::nvt_nose_hoover:
      return make_nose_hoover(system, options);
    case Ensemble::npt_isotropic:
      return make_mtk_isotropic(system, options);
    case Ensemble::npt_full:
      return make_mtk_full(system, options);
  }
  throw KernelError(ErrorCode::internal, "unknown ensemble");
}

}  // namespace mofkernel::MOFK_NS
