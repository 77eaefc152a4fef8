// UFF4MOF energies, forces and virials of a batch on one device: edges -> terms -> edge gradients -> atoms ->
// structures. Every sum has a fixed order, so a result is the same bits each time.
#include <array>

#include "potentials/uff4mof/device_steps.hpp"
#ifndef __CUDACC__
#include "potentials/uff4mof/evaluate_cpu.hpp"
#endif

namespace mofkernel::MOFK_NS {

namespace {

/// Distance that the neighbor list looks beyond the cutoff. During a relaxation it is rebuilt every few tens of steps;
/// a thicker skin would cost more pairs (19 % for 0.75 A at 12.5 A) than the rebuilds that it saves.
constexpr double kSkin_A = 0.75;

/// Real: arithmetic of pairs and terms. Accumulator: sums over them up to forces; energies and virials are summed in
/// double.
template <class Real, class Accumulator>
class Uff4mof final : public Potential {
 public:
  Uff4mof(const Context& context, const uff4mof::TermTable& table)
      : context_(context),
        range_{table.cutoff_A, table.switch_start_A,
               table.truncation == uff4mof::Truncation::switched && table.switch_start_A < table.cutoff_A},
        terms_(context, table),
        parts_(context, table),
        partial_sums_(context, static_cast<std::size_t>(parts_.n_parts)),
        neighbor_list_(context, table.cutoff_A, kSkin_A),
        work_(context, table) {}

  [[nodiscard]] std::span<const std::string> component_names() const override {
    static const std::array<std::string, kUff4mofComponents> kNames{"bond", "angle", "torsion", "inversion",
                                                                    "van_der_waals"};
    return kNames;
  }

  void evaluate(const Batch& batch, EvaluateWant want, DeviceEvaluation& out) override {
    if (batch.n_atoms != work_.n_atoms)
      throw KernelError(ErrorCode::internal, "this potential was made for another batch");
    neighbor_list_.update(batch, terms_.exclusions);
    place_atoms_and_edges(context_, terms_, batch, neighbor_list_.wrap(), work_);
    compute_bonded(context_, terms_, work_);
    const bool with_sums = want.energies || want.stress || want.per_atom;
    compute_pairs(context_, terms_, batch, neighbor_list_, range_, with_sums, work_);
    if (want.forces || want.stress) sum_edge_gradients(context_, terms_, work_);
    if (want.forces) sum_forces(context_, terms_, work_, out);
    if (want.per_atom) sum_energies_per_atom(context_, terms_, batch, work_, out);
    if (want.energies || want.stress)
      sum_energies_and_virials(context_, terms_, parts_, partial_sums_, batch, want, work_, out);
  }

  [[nodiscard]] bool confirm() override { return neighbor_list_.confirm(); }

  [[nodiscard]] std::vector<ListReference> list_references() const override { return {neighbor_list_.reference()}; }

  void restore_lists(const Batch& batch, std::span<const ListReference> references) override {
    neighbor_list_.restore(batch, terms_.exclusions, references.front());
  }

 private:
  const Context& context_;
  PairRange range_;
  DeviceTerms<Real> terms_;
  SumParts parts_;
  Buffer<PartialSum> partial_sums_;
  NeighborList neighbor_list_;
  Uff4mofWork<Real, Accumulator> work_;
};

}  // namespace

std::unique_ptr<Potential> make_uff4mof(const Context& context, std::span<const uff4mof::Terms> terms,
                                        Precision precision) {
  const uff4mof::TermTable table = uff4mof::build_term_table(terms);
  std::unique_ptr<Potential> potential;
  switch (precision) {
    case Precision::float64:
      potential = std::make_unique<Uff4mof<double, double>>(context, table);
      break;
    case Precision::float32:
      potential = std::make_unique<Uff4mof<float, float>>(context, table);
      break;
    case Precision::mixed:
      potential = std::make_unique<Uff4mof<float, double>>(context, table);
      break;
  }
#ifdef __CUDACC__
  return potential;
#else
  return make_uff4mof_cpu(context, table, precision, std::move(potential));
#endif
}

}  // namespace mofkernel::MOFK_NS
