#include "engine/calculation.hpp"

#include "checkpoint/fingerprint.hpp"
#include "potentials/mace/model_cache.hpp"

namespace mofkernel {
namespace {

void add_uff4mof(Fingerprint& f, const PotentialSpec& spec) {
  f.add(spec.uff4mof.dialect);
  f.add(spec.uff4mof.fallback);
  f.add(spec.uff4mof.tail_correction);
  f.add(spec.uff4mof.cutoff_A);
  f.add(spec.electrostatics.charges);
  f.add(spec.electrostatics.method);
  f.add(spec.electrostatics.cutoff_A);
  f.add(spec.electrostatics.relative_accuracy);
  f.add(spec.electrostatics.damping_per_A);
}

void add_mace(Fingerprint& f, const mace::Options& options) {
  const std::shared_ptr<const mace::Model> model = mace::load_model(options.folder);
  f.add(std::span<const char>(model->tensors_sha256));
  f.add(mace::choose_head(*model, options.head));
}

void add_dispersion(Fingerprint& f, const dispersion::Options& options) {
  f.add(std::span<const char>(options.functional));
  f.add(options.cutoff_A);
  f.add(options.coordination_cutoff_A);
}

}  // namespace

std::int64_t calculation_fingerprint(std::span<const Structure> structures, const Structure& model,
                                     const PotentialSpec& spec, Precision precision) {
  Fingerprint f;
  f.add(precision);
  if (spec.mace) {
    add_mace(f, *spec.mace);
  } else {
    add_uff4mof(f, spec);
  }
  if (spec.dispersion) add_dispersion(f, *spec.dispersion);
  f.add(spec.share_topology || spec.topology.has_value());
  for (const Structure& structure : structures) f.add(structure.charges);
  if (spec.share_topology || spec.topology) {
    f.add(model);
    f.add(model.charges);
  }
  return f.value();
}

}  // namespace mofkernel
