#include "engine/engine.hpp"

#include "check.hpp"
#include "cli/extxyz.hpp"
#include "errors.hpp"
#include "reference.hpp"

namespace mofkernel {

TEST(the_cpu_is_always_there_and_first) {
  const DeviceList list = list_devices();
  const DeviceInfo& cpu = list.devices.at(0);
  CHECK(cpu.device == "cpu");
  CHECK(!cpu.name.empty());
  CHECK(cpu.n_threads >= 1);
  CHECK(cpu.memory_total_bytes >= cpu.memory_free_bytes);
  CHECK(cpu.memory_free_bytes > 0);
}

TEST(without_a_gpu_the_reason_is_told) {
  const DeviceList list = list_devices();
#ifdef MOFK_WITH_CUDA
  CHECK((list.devices.size() > 1) == list.cuda_unavailable_reason.empty());
#else
  CHECK(list.devices.size() == 1 && list.cuda_unavailable_reason.empty());
#endif
}

TEST(device_names_are_checked) {
  for (const char* const name : {"", "gpu", "cuda", "cuda:", "cuda:x", "cuda:-1", "cuda:0x", "CPU"}) {
    CHECK_THROWS_CODE(make_engine(name, Precision::float64), ErrorCode::bad_request);
  }
  CHECK_THROWS_CODE(make_engine("cuda:999", Precision::float64), ErrorCode::no_device);
}

TEST(engine_reproduces_lammps_from_positions_alone) {
  const json::Value file = reference::read("MOF-5_primitive");
  const json::Value& block = file.at("unit_cell");
  Structure structure = reference::structure(block, "perturbed");
  structure.atomic_numbers.clear();
  for (const json::Value& symbol : block.at("species").array()) {
    structure.atomic_numbers.push_back(cli::atomic_number_of(symbol.text()));
  }
  PotentialSpec potential;
  potential.uff4mof.dialect = uff4mof::Dialect::lammps_interface;
  potential.uff4mof.cutoff_A = block.at("cutoff_A").number();
  const json::Value& expected = block.at("configurations").at("perturbed");
  const auto forces = reference::vectors(expected.at("forces_eV_A"));
  const auto stress = reference::vectors(expected.at("stress_eV_A3"));
  for (const Precision precision : {Precision::float64, Precision::float32, Precision::mixed}) {
    // float64: digits printed in the file. Otherwise: coordinates of 30 A carry 1e-6 A in single precision, force
    // constants reach 60 eV/A^2.
    const double tolerance = precision == Precision::float64 ? 1e-8 : 5e-4;
    const auto engine = make_engine("cpu", precision);
    const Evaluation result = engine->evaluate(std::span(&structure, 1), potential, {.per_atom = true});
    CHECK_CLOSE(result.energies.at(0), expected.at("energy").at("eV").at("total").number(), tolerance, tolerance);
    CHECK(result.component_names.size() == result.energy_components.size());
    CHECK(result.energies_per_atom.size() == forces.size());
    for (std::size_t i = 0; i < forces.size(); ++i) {
      for (std::size_t a = 0; a < 3; ++a) CHECK_CLOSE(result.forces.at(i)[a], forces[i][a], tolerance, 0);
    }
    for (std::size_t k = 0; k < 9; ++k) CHECK_CLOSE(result.stress.at(0)[k], stress[k / 3][k % 3], tolerance * 1e-2, 0);
  }
}

}  // namespace mofkernel
