// MACE for a batch on one device: edges -> layers -> energies, and the way back to the edges' gradients. Batatia et
// al., NeurIPS 35, 11423 (2022). Every sum has a fixed order, so a result is the same bits each time.
#include "potentials/mace/mace.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "potentials/mace/mace_elements.hpp"
#include "potentials/mace/mace_energies.hpp"
#include "potentials/mace/mace_readout.hpp"
#include "potentials/mace/mace_repulsion.hpp"
#include "potentials/mace/model_cache.hpp"

namespace mofkernel::MOFK_NS {

namespace mace {
namespace {

std::vector<int> ascending(int n) {
  std::vector<int> indices(static_cast<std::size_t>(n));
  std::iota(indices.begin(), indices.end(), 0);
  return indices;
}

std::vector<std::string> component_names_of(const mofkernel::mace::Model& model) {
  std::vector<std::string> names{"isolated_atoms", "interaction"};
  if (model.zbl) names.emplace_back("zbl");
  return names;
}

template <class T>
class Mace final : public Potential {
 public:
  Mace(const Context& context, std::shared_ptr<const PreparedModel<T>> prepared, const Batch& batch,
       std::span<const int> element_of_atom)
      : context_(context),
        prepared_(std::move(prepared)),
        names_(component_names_of(*prepared_->model)),
        atoms_(group_atoms(context, element_of_atom, prepared_->elements)),
        element_of_atom_(context, element_of_atom),
        atom_itself_(context, std::span<const int>(ascending(batch.n_atoms))),
        edges_(context, batch, prepared_->model->r_max_A),
        scratch_(context, prepared_->layers, batch.n_atoms),
        interaction_(context, static_cast<std::size_t>(batch.n_atoms)),
        repulsion_energies_(context, prepared_->model->zbl ? static_cast<std::size_t>(batch.n_atoms) : 0) {
    for (const PreparedLayer<T>& layer : prepared_->layers) layers_.emplace_back(context, layer, batch.n_atoms);
    for (const PreparedReadout<T>& readout : prepared_->readouts)
      readouts_.emplace_back(context, readout, batch.n_atoms);
    if (prepared_->model->zbl) repulsion_.emplace(context, *prepared_->model, prepared_->scale, atoms_);
  }

  [[nodiscard]] std::span<const std::string> component_names() const override { return names_; }

  void evaluate(const Batch& batch, EvaluateWant want, DeviceEvaluation& out) override {
    if (batch.n_atoms != atoms_.n_atoms)
      throw KernelError(ErrorCode::internal, "this potential was made for another batch");
    edges_.update(batch);
    const Scene<T> scene{&context_,           &atoms_,       element_of_atom_.data(),
                         atom_itself_.data(), edges_.view(), edges_.gradients()};
    forward(scene);
    if (want.energies) sum_energies(context_, batch, atom_energies(), out);
    if (want.per_atom) sum_energies_per_atom(context_, batch, atom_energies(), out);
    if (!want.forces && !want.stress) return;
    adjoint(scene);
    if (want.forces) edges_.sum_forces(batch, out.forces.data());
    if (want.stress) edges_.sum_virials(batch, out.virials.data());
  }

  [[nodiscard]] bool confirm() override { return edges_.confirm(); }
  [[nodiscard]] std::vector<ListReference> list_references() const override { return {edges_.reference()}; }
  void restore_lists(const Batch& batch, std::span<const ListReference> references) override {
    edges_.restore(batch, references.front());
  }

 private:
  void forward(const Scene<T>& scene) {
    for (std::size_t t = 0; t < layers_.size(); ++t) {
      const T* const input = t > 0 ? layers_[t - 1].h.data() : nullptr;
      layer_forward(scene, prepared_->layers[t], input, layers_[t], scratch_);
    }
    interaction_.fill_zero();
    for (std::size_t r = 0; r < readouts_.size(); ++r) {
      const PreparedReadout<T>& readout = prepared_->readouts[r];
      readout_forward(scene, readout, static_cast<const T*>(layers_[index_of(readout)].h.data()),
                      output_stride(index_of(readout)), readouts_[r], interaction_.data());
    }
    if (repulsion_) repulsion_->energies(scene, repulsion_energies_.data());
  }

  /// The outputs h of the layers are not needed any more: their places take dE/dh.
  void adjoint(const Scene<T>& scene) {
    for (LayerBuffers<T>& layer : layers_) layer.h.fill_zero();
    for (std::size_t r = 0; r < readouts_.size(); ++r) {
      const PreparedReadout<T>& readout = prepared_->readouts[r];
      readout_adjoint(scene, readout, readouts_[r], output_stride(index_of(readout)),
                      layers_[index_of(readout)].h.data());
    }
    for (std::size_t t = layers_.size(); t-- > 0;) {
      T* const grad_input = t > 0 ? layers_[t - 1].h.data() : nullptr;
      layer_adjoint(scene, prepared_->layers[t], grad_input, layers_[t], scratch_);
    }
    if (repulsion_) repulsion_->add_gradients(scene);
  }

  [[nodiscard]] static std::size_t index_of(const PreparedReadout<T>& readout) {
    return static_cast<std::size_t>(readout.layer);
  }

  [[nodiscard]] int output_stride(std::size_t layer) const {
    const LayerShape& shape = prepared_->layers[layer].shape;
    return shape.n_output_rows() * shape.n_output_channels;
  }

  [[nodiscard]] AtomEnergies atom_energies() const {
    return {prepared_->atomic_energies.data(), atoms_.group_of_atom.data(), prepared_->shift, interaction_.data(),
            repulsion_ ? repulsion_energies_.data() : nullptr};
  }

  const Context& context_;
  std::shared_ptr<const PreparedModel<T>> prepared_;
  std::vector<std::string> names_;
  AtomGroups atoms_;
  Buffer<int> element_of_atom_, atom_itself_;
  Edges<T> edges_;
  std::vector<LayerBuffers<T>> layers_;
  std::vector<ReadoutBuffers<T>> readouts_;
  Scratch<T> scratch_;
  Buffer<double> interaction_;         // [n_atoms] eV
  Buffer<double> repulsion_energies_;  // [n_atoms] eV
  std::optional<Repulsion> repulsion_;
};

template <class T>
std::shared_ptr<const PreparedModel<T>> prepare(const Context& context, PreparedModels& prepared,
                                                const MaceModel& model) {
  return prepared.prepare<T>(context, model.model, model.head, model.elements);
}

}  // namespace
}  // namespace mace

MaceModel choose_mace(const mofkernel::mace::Options& options, std::span<const Structure> structures,
                      std::size_t first) {
  MaceModel chosen{.model = mofkernel::mace::load_model(options.folder), .head = 0, .elements = {}};
  chosen.head = mofkernel::mace::choose_head(*chosen.model, options.head);
  chosen.elements = mofkernel::mace::elements_of(*chosen.model, structures, first);
  std::sort(chosen.elements.begin(), chosen.elements.end());
  chosen.elements.erase(std::unique(chosen.elements.begin(), chosen.elements.end()), chosen.elements.end());
  return chosen;
}

std::size_t prepare_mace(const Context& context, mace::PreparedModels& prepared, const MaceModel& model,
                         Precision precision) {
  return precision == Precision::float64 ? mace::prepare<double>(context, prepared, model)->bytes
                                         : mace::prepare<float>(context, prepared, model)->bytes;
}

std::unique_ptr<Potential> make_mace(const Context& context, mace::PreparedModels& prepared, const MaceModel& model,
                                     const Batch& batch, std::span<const Structure> structures, Precision precision) {
  const std::vector<int> elements = mofkernel::mace::elements_of(*model.model, structures);
  if (precision == Precision::float64) {
    return std::make_unique<mace::Mace<double>>(context, mace::prepare<double>(context, prepared, model), batch,
                                                elements);
  }
  return std::make_unique<mace::Mace<float>>(context, mace::prepare<float>(context, prepared, model), batch, elements);
}

}  // namespace mofkernel::MOFK_NS
