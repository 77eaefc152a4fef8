// MACE behind the engine and the protocol: batches that do not fit, checkpoints, models that change, what has no bonds.
#include "check.hpp"
#include "conversation.hpp"
#include "engine/calculation.hpp"
#include "engine/engine.hpp"
#include "engine/memory.hpp"
#include "engine/potential_of.hpp"
#include "errors.hpp"
#include "mace_model_files.hpp"
#include "mace_reference.hpp"
#include "requests.hpp"
#include "scratch_folder.hpp"

namespace mofkernel {
namespace {

using mace_reference::Case;

std::filesystem::path density_model() { return mace_reference::model("fixture-density"); }

PotentialSpec spec_with(const std::string& head) { return mace_reference::spec_of(density_model(), head); }

Structure structure_called(const std::string& name) {
  for (const Case& one : mace_reference::cases(density_model()))
    if (one.name == name) return one.structure;
  throw std::runtime_error("no structure is called " + name);
}

/// Molecules and crystals, some without one or two of the elements.
std::vector<Structure> batch() {
  std::vector<Structure> all;
  for (int k = 0; k < 4; ++k) {
    for (const char* const name : {"ethanol", "triclinic", "dimer-short"}) {
      all.push_back(structure_called(name));
      all.back().positions.front()[0] += 0.01 * k;
    }
  }
  return all;
}

const std::string kHead = mace_reference::cases(density_model()).front().head;

/// What the model takes of a limit, found out by halving: as little as `structures` can be evaluated with.
std::size_t least_limit(Engine& engine, const std::vector<Structure>& structures) {
  std::size_t fails = 0;
  std::size_t works = std::size_t{1} << 30U;
  while (works - fails > 4096) {
    const std::size_t limit = fails + (works - fails) / 2;
    engine.set_memory_limit(limit);
    try {
      (void)engine.evaluate(structures, spec_with(kHead), {});
      works = limit;
    } catch (const KernelError& error) {
      CHECK(error.code() == ErrorCode::out_of_memory);
      fails = limit;
    }
  }
  return works;
}

TEST(a_split_batch_gives_the_same_bits) {
  const std::vector<Structure> structures = batch();
  const auto engine = make_engine("cpu", Precision::float32);
  const EvaluateWant want{.per_atom = true};
  const Evaluation whole = engine->evaluate(structures, spec_with(kHead), want);
  engine->set_memory_limit(least_limit(*engine, structures));
  const Evaluation parts = engine->evaluate(structures, spec_with(kHead), want);
  CHECK(parts.energies == whole.energies);
  CHECK(parts.forces == whole.forces);
  CHECK(parts.stress == whole.stress);
  CHECK(parts.energies_per_atom == whole.energies_per_atom);
  CHECK(parts.component_names == (std::vector<std::string>{"isolated_atoms", "interaction", "zbl"}));
}

TEST(the_number_of_threads_changes_no_bit) {
  const std::vector<Structure> structures = batch();
  const auto forces_on = [&](int n_threads) {
    cpu::Context context;
    context.set_n_threads(n_threads);
    cpu::mace::PreparedModels models;
    const PotentialSpec spec = spec_with(kHead);
    const cpu::TypedBatch typed = cpu::type_batch(structures, structures.front(), spec);
    const cpu::Batch on_device = cpu::make_batch(context, structures);
    const auto potential = cpu::make_potential(context, models, on_device, structures, typed, spec, Precision::float32);
    cpu::DeviceEvaluation evaluation(context, on_device, static_cast<int>(potential->component_names().size()));
    cpu::evaluate_confirmed(*potential, on_device, {}, evaluation);
    std::vector<double> all = evaluation.forces.to_host();
    for (const double energy : evaluation.energies.to_host()) all.push_back(energy);
    for (const double virial : evaluation.virials.to_host()) all.push_back(virial);
    return all;
  };
  const std::vector<double> expected = forces_on(1);
  CHECK(forces_on(2) == expected);
  CHECK(forces_on(5) == expected);
}

TEST(a_structure_that_can_never_fit_is_refused) {
  const auto engine = make_engine("cpu", Precision::float64);
  engine->set_memory_limit(10'000);
  CHECK_THROWS_CODE(engine->evaluate(batch(), spec_with(kHead), {}), ErrorCode::out_of_memory);
}

TEST(a_relaxation_goes_downhill_and_keeps_each_structure_at_its_place) {
  const std::vector<Structure> structures = batch();
  const auto engine = make_engine("cpu", Precision::float64);
  const Evaluation start = engine->evaluate(structures, spec_with(kHead), {});
  const RelaxResult result = engine->relax(structures, spec_with(kHead),
                                           {.optimizer = Optimizer::fire, .max_steps = 5, .cell_mode = CellMode::fixed},
                                           {}, [](const RelaxStep&) {});
  for (std::size_t s = 0; s < structures.size(); ++s) {
    CHECK(result.evaluation.energies[s] < start.energies[s]);
    CHECK(result.structures[s].atomic_numbers == structures[s].atomic_numbers);
  }
}

TEST(force_constants_are_differences_of_forces_however_many_fit) {
  const Structure crystal = structure_called("triclinic");
  const auto engine = make_engine("cpu", Precision::float64);
  const ForceConstantOptions options{
      .displacement_A = 0.01, .atoms = {0, 1, 2}, .directions = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  const auto rows = [&] { return engine->force_constants(crystal, spec_with(kHead), options, {}, [](int) {}).rows; };
  const std::vector<double> expected = rows();
  Structure plus = crystal;
  Structure minus = crystal;
  plus.positions[1][1] += 0.01;
  minus.positions[1][1] -= 0.01;
  const Evaluation both = engine->evaluate(std::vector<Structure>{plus, minus}, spec_with(kHead), {});
  for (std::size_t i = 0; i < crystal.positions.size(); ++i) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double difference = both.forces[crystal.positions.size() + i][axis] - both.forces[i][axis];
      CHECK_CLOSE(expected[3 * crystal.positions.size() + 3 * i + axis], difference / 0.02, 1e-9, 1e-9);
    }
  }
  // Room for one pair of displaced copies, not for all three.
  const std::size_t of_one = cpu::predict_evaluation(std::span(&crystal, 1), spec_with(kHead)).front();
  engine->set_memory_limit(least_limit(*engine, {crystal}) + of_one + of_one / 2);
  CHECK(rows() == expected);
}

TEST(checkpoints_tell_models_heads_and_dispersion_apart) {
  const std::vector<Structure> structures{structure_called("triclinic")};
  const auto fingerprint = [&](const PotentialSpec& spec) {
    return calculation_fingerprint(structures, structures.front(), spec, Precision::float64);
  };
  const std::int64_t mine = fingerprint(spec_with(kHead));
  CHECK(fingerprint(spec_with(kHead)) == mine);
  std::string other_head;
  for (const Case& one : mace_reference::cases(density_model()))
    if (one.head != kHead) other_head = one.head;
  CHECK(fingerprint(spec_with(other_head)) != mine);
  CHECK(fingerprint(mace_reference::spec_of(mace_reference::model("fixture-residual"))) != mine);
  PotentialSpec with_dispersion = spec_with(kHead);
  with_dispersion.dispersion.emplace();
  CHECK(fingerprint(with_dispersion) != mine);
  with_dispersion.dispersion->functional = "b3lyp";
  PotentialSpec other_functional = with_dispersion;
  other_functional.dispersion->functional = "pbe";
  CHECK(fingerprint(other_functional) != fingerprint(with_dispersion));
}

TEST(a_model_whose_files_were_replaced_is_read_anew) {
  const ScratchFolder folder;
  const auto put = [&](const std::filesystem::path& model) {
    for (const char* const name : {"model.json", "model.safetensors"})
      std::filesystem::copy_file(model / name, folder / name, std::filesystem::copy_options::overwrite_existing);
  };
  const std::vector<Structure> structures{structure_called("triclinic")};
  const auto engine = make_engine("cpu", Precision::float64);
  const auto energy = [&](const std::filesystem::path& model) {
    return engine->evaluate(structures, mace_reference::spec_of(model), {}).energies.front();
  };
  put(mace_reference::model("fixture-residual"));
  const double first = energy(folder / "");
  put(mace_reference::model("fixture-agnostic"));
  const double second = energy(folder / "");
  CHECK(first == energy(mace_reference::model("fixture-residual")));
  CHECK(second == energy(mace_reference::model("fixture-agnostic")));
  CHECK(first != second);
}

TEST(a_folder_without_a_model_is_an_error_of_files) {
  const ScratchFolder folder;
  const auto engine = make_engine("cpu", Precision::float64);
  CHECK_THROWS_CODE(
      engine->evaluate(std::vector<Structure>{structure_called("triclinic")}, mace_reference::spec_of(folder / ""), {}),
      ErrorCode::file_error);
}

TEST(radial_functions_that_no_table_can_hold_are_refused) {
  MaceModelFiles files("fixture-residual");
  // A first layer a million times as steep makes its activations steps.
  auto& weight = files.tensors.at("layers.0.radial.0.weight");
  for (std::size_t at = 0; at < weight.data.size(); at += sizeof(double)) {
    double value = 0;
    std::memcpy(&value, weight.data.data() + at, sizeof(double));
    value *= 1e6;
    std::memcpy(weight.data.data() + at, &value, sizeof(double));
  }
  const ScratchFolder folder;
  files.write(folder / "steep");
  const auto engine = make_engine("cpu", Precision::float64);
  CHECK_THROWS_CODE(engine->evaluate(std::vector<Structure>{structure_called("triclinic")},
                                     mace_reference::spec_of(folder / "steep"), {}),
                    ErrorCode::unsupported);
}

TEST(dispersion_is_added_to_the_model) {
  const std::vector<Structure> structures{structure_called("ethanol")};
  const auto engine = make_engine("cpu", Precision::float64);
  const Evaluation plain = engine->evaluate(structures, spec_with(kHead), {});
  PotentialSpec spec = spec_with(kHead);
  spec.dispersion.emplace();
  const Evaluation both = engine->evaluate(structures, spec, {});
  CHECK(both.component_names.back() == "dispersion");
  CHECK(both.energy_components.back() < 0);
  CHECK_CLOSE(both.energies[0], plain.energies[0] + both.energy_components.back(), 1e-12, 0);
}

}  // namespace
}  // namespace mofkernel

namespace mofkernel::protocol {
namespace {

json::Value mace_potential(const std::string& folder) {
  return json::Object{{"kind", "mace"}, {"options", json::Object{{"folder", folder}, {"head", kHead}}}};
}

/// The answer to one request about ethanol.
Frame answer_to(json::Object header) {
  Conversation kernel;
  (void)kernel.receive();
  kernel.send(std::move(header), structure_arrays({structure_called("ethanol")}));
  return kernel.receive();
}

TEST(requests_name_a_model_by_its_folder) {
  const Frame answer = answer_to(replaced(evaluate_header("r"), "potential", mace_potential(density_model().string())));
  CHECK(answer.header.at("type").text() == "evaluate_result");
  CHECK(answer.header.at("component_names").at(std::size_t{0}).text() == "isolated_atoms");
}

TEST(what_needs_types_and_bonds_is_unsupported) {
  const json::Value potential = mace_potential(density_model().string());
  for (json::Object header :
       {calculation("topology", "r"), insertions_header("r", json::Object{{"mode", "random"}, {"n_insertions", 10}})}) {
    const Frame answer = answer_to(replaced(std::move(header), "potential", potential));
    CHECK(answer.header.at("type").text() == "error" && answer.header.at("code").text() == "unsupported");
  }
}

TEST(options_of_another_potential_are_refused) {
  json::Object with_charges = mace_potential(density_model().string()).object();
  with_charges.push_back({"electrostatics", json::Object{{"charges", "eqeq"}}});
  const json::Value relative = mace_potential("models/mace");
  for (const json::Value& potential : {json::Value(with_charges), relative}) {
    const Frame answer = answer_to(replaced(evaluate_header("r"), "potential", potential));
    CHECK(answer.header.at("type").text() == "error" && answer.header.at("code").text() == "bad_request");
  }
}

}  // namespace
}  // namespace mofkernel::protocol
