// What is predicted before anything is allocated, against what the buffers then take.
#include "check.hpp"
#include "device.hpp"
#include "engine/memory.hpp"
#include "fixtures.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

TEST(evaluation_takes_at_most_what_was_predicted_and_at_least_half_of_it) {
  const auto context = make_test_context();
  const PotentialSpec spec;
  for (const Structure& structure : {fixtures::quartz(), fixtures::repeat(fixtures::quartz(), 2, 1, 3),
                                     fixtures::repeat(fixtures::quartz(), 4, 4, 4)}) {
    for (const Precision precision : {Precision::float64, Precision::float32, Precision::mixed}) {
      const uff4mof::Terms terms = uff4mof::assign_terms(structure, spec.uff4mof);
      const std::size_t before = context->allocated_bytes();
      const Batch batch = make_batch(*context, std::span(&structure, 1));
      const auto potential = make_uff4mof(*context, std::span(&terms, 1), precision);
      DeviceEvaluation out(*context, batch, 5);
      // Energies per atom come from the code that every device shares.
      evaluate_confirmed(*potential, batch, {.per_atom = true}, out);
      const std::size_t taken = context->allocated_bytes() - before;
      const std::size_t predicted = predict_evaluation(std::span(&structure, 1), spec).front();
      CHECK(taken <= predicted);
      CHECK(predicted <= 2 * taken);
    }
  }
}

}  // namespace mofkernel::MOFK_NS
