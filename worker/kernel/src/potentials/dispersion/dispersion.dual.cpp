#include "potentials/dispersion/dispersion.hpp"

#include "potentials/dispersion/model.hpp"
#include "potentials/dispersion/plain_dispersion.hpp"

namespace mofkernel::MOFK_NS {

std::unique_ptr<Potential> make_dispersion(const Context& context, std::span<const Structure> structures,
                                           const dispersion::Options& options, Precision precision) {
  return make_plain_dispersion(context, dispersion::build_model(structures, options), precision);
}

}  // namespace mofkernel::MOFK_NS
