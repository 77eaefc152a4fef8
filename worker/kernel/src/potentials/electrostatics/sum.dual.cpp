// The sum of potentials; each evaluates into arrays of its own, which are then added up in order.
#include "potentials/electrostatics/electrostatics.hpp"

namespace mofkernel::MOFK_NS {

namespace {

class SumPotential final : public Potential {
 public:
  SumPotential(const Context& context, const Batch& batch, std::vector<std::unique_ptr<Potential>> potentials)
      : context_(context), potentials_(std::move(potentials)) {
    for (const auto& potential : potentials_) {
      const auto names = potential->component_names();
      names_.insert(names_.end(), names.begin(), names.end());
      parts_.emplace_back(context, batch, static_cast<int>(names.size()));
    }
  }

  [[nodiscard]] std::span<const std::string> component_names() const override { return names_; }

  void evaluate(const Batch& batch, EvaluateWant want, DeviceEvaluation& out) override {
    int first_component = 0;
    for (std::size_t p = 0; p < potentials_.size(); ++p) {
      potentials_[p]->evaluate(batch, want, parts_[p]);
      const bool is_first = p == 0;
      if (want.energies) {
        add(batch.n_structures, parts_[p].energies, out.energies, is_first);
        const auto n_own = static_cast<int>(potentials_[p]->component_names().size());
        place_components(batch.n_structures, parts_[p].energy_components, n_own, first_component, out);
        first_component += n_own;
      }
      if (want.forces) add(3 * batch.n_atoms, parts_[p].forces, out.forces, is_first);
      if (want.stress) add(9 * batch.n_structures, parts_[p].virials, out.virials, is_first);
      if (want.per_atom) add(batch.n_atoms, parts_[p].energies_per_atom, out.energies_per_atom, is_first);
    }
  }

  [[nodiscard]] bool confirm() override {
    bool is_confirmed = true;
    for (const auto& potential : potentials_) is_confirmed = potential->confirm() && is_confirmed;
    return is_confirmed;
  }

  [[nodiscard]] std::vector<ListReference> list_references() const override {
    std::vector<ListReference> all;
    for (const auto& potential : potentials_) {
      for (ListReference& reference : potential->list_references()) all.push_back(std::move(reference));
    }
    return all;
  }

  void restore_lists(const Batch& batch, std::span<const ListReference> references) override {
    std::size_t first = 0;
    for (const auto& potential : potentials_) {
      const std::size_t n_own = potential->list_references().size();
      if (first + n_own > references.size())
        throw KernelError(ErrorCode::bad_checkpoint, "the checkpoint holds fewer neighbor lists than the potential");
      potential->restore_lists(batch, references.subspan(first, n_own));
      first += n_own;
    }
  }

  // Public because nvcc wants device lambdas in public member functions.

  void add(int n, const Buffer<double>& part, Buffer<double>& sum, bool is_first) {
    const double* const from = part.data();
    double* const to = sum.data();
    parallel_for(context_, n, MOFK_LAMBDA(int i) { to[i] = is_first ? from[i] : to[i] + from[i]; });
  }

  void place_components(int n_structures, const Buffer<double>& part, int n_own, int first, DeviceEvaluation& out) {
    const auto n_all = static_cast<int>(names_.size());
    const double* const from = part.data();
    double* const to = out.energy_components.data();
    parallel_for(
        context_, n_structures * n_own, MOFK_LAMBDA(int k) { to[k / n_own * n_all + first + k % n_own] = from[k]; });
  }

 private:
  const Context& context_;
  std::vector<std::unique_ptr<Potential>> potentials_;
  std::vector<DeviceEvaluation> parts_;
  std::vector<std::string> names_;
};

}  // namespace

std::unique_ptr<Potential> make_sum(const Context& context, const Batch& batch,
                                    std::vector<std::unique_ptr<Potential>> potentials) {
  return std::make_unique<SumPotential>(context, batch, std::move(potentials));
}

}  // namespace mofkernel::MOFK_NS
