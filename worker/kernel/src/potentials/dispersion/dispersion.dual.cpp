#include "potentials/dispersion/dispersion.hpp"

#include "potentials/dispersion/model.hpp"
#ifdef __CUDACC__
#include "potentials/dispersion/plain_dispersion.hpp"
#else
#include "potentials/dispersion/dispersion_cpu.hpp"
#endif

namespace mofkernel::MOFK_NS {

std::unique_ptr<Potential> make_dispersion(const Context& context, std::span<const Structure> structures,
                                           const dispersion::Options& options, Precision precision) {
  const dispersion::Model model = dispersion::build_model(structures, options);
#ifdef __CUDACC__
  return make_plain_dispersion(context, model, precision);
#else
  return make_dispersion_cpu(context, model, precision);
#endif
}

}  // namespace mofkernel::MOFK_NS
