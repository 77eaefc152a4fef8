#include <cmath>
#include <numeric>
#include <random>

#include "check.hpp"
#include "molecules.hpp"
#include "requests.hpp"

namespace mofkernel::protocol {

TEST(the_kernel_says_hello_unasked) {
  Conversation kernel;
  const Frame hello = kernel.receive();
  CHECK(hello.header.at("type").text() == "hello");
  CHECK(hello.header.at("protocol_version").integer() == kProtocolVersion);
  CHECK(hello.header.at("kernel_version").text() == MOFK_VERSION);
  CHECK(hello.header.at("cuda_architectures").array().empty() != hello.header.at("cuda_built").boolean());
  CHECK(kernel.finish() == kExitOk);
}

TEST(devices_are_listed_with_the_cpu_first) {
  Conversation kernel;
  (void)kernel.receive();
  kernel.send({{"type", "devices"}, {"id", "d"}});
  const Frame answer = kernel.receive();
  CHECK(answer.header.at("type").text() == "devices_result" && answer.header.at("id").text() == "d");
  const json::Value& cpu = answer.header.at("devices").at(0);
  CHECK(cpu.at("device").text() == "cpu" && cpu.at("kind").text() == "cpu");
  CHECK(cpu.at("uuid").is_null() && cpu.at("compute_capability").is_null() && cpu.at("n_threads").integer() > 0);
}

TEST(topology_names_types_and_bonds) {
  Conversation kernel;
  (void)kernel.receive();
  kernel.send(calculation("topology", "t"), structure_arrays({make_methane()}));
  const Frame answer = kernel.receive();
  CHECK(answer.header.at("type").text() == "topology_result");
  CHECK(answer.header.at("atom_types").at(0).text() == "C_3" && answer.header.at("atom_types").at(4).text() == "H_");
  CHECK(answer.header.at("n_terms").at("bond").integer() == 4 &&
        answer.header.at("n_terms").at("angle").integer() == 6);
  CHECK((array_of(answer, "bonds").shape == std::vector<std::size_t>{4, 5}));
  CHECK(array_of(answer, "bond_orders").rows<double>() == std::vector<double>(4, 1.0));
}

TEST(an_evaluated_batch_is_its_structures_one_by_one) {
  Conversation kernel;
  (void)kernel.receive();
  const std::vector<Structure> both{make_methane(), make_methane_crystal()};
  kernel.send(evaluate_header("both", true), structure_arrays(both));
  const Frame batch = kernel.receive();
  CHECK(batch.header.at("type").text() == "evaluate_result" && batch.header.at("id").text() == "both");
  const std::size_t n_components = batch.header.at("component_names").array().size();
  const auto energies = array_of(batch, "energies").rows<double>();
  const auto components = array_of(batch, "energy_components").rows<double>();
  const auto per_atom = array_of(batch, "energies_per_atom").rows<double>();
  CHECK((array_of(batch, "forces").shape == std::vector<std::size_t>{15, 3}));
  CHECK((array_of(batch, "stress").shape == std::vector<std::size_t>{2, 3, 3}));
  // Sums of a few dozen doubles of about 1 eV.
  CHECK_CLOSE(std::accumulate(components.end() - static_cast<std::ptrdiff_t>(n_components), components.end(), 0.0),
              energies[1], 1e-13, 1e-13);
  CHECK_CLOSE(std::accumulate(per_atom.begin(), per_atom.begin() + 5, 0.0), energies[0], 1e-13, 1e-13);

  kernel.send(evaluate_header("one"), structure_arrays({both[1]}));
  const Frame single = kernel.receive();
  CHECK_CLOSE(array_of(single, "energies").rows<double>()[0], energies[1], 1e-13, 1e-13);
  CHECK(single.arrays.size() == 4);
}

TEST(a_relaxation_streams_its_steps_and_thinned_frames) {
  Conversation kernel;
  (void)kernel.receive();
  kernel.send(relax_header("r", 1e-3, 500, "full", 3), structure_arrays({make_methane_crystal()}));
  int n_steps = 0;
  double last_energy = 0;
  Frame frame = kernel.receive();
  bool last_has_frame = false;
  while (frame.header.at("type").text() == "step") {
    CHECK(frame.header.at("step").integer() == n_steps && frame.header.at("structure").integer() == 0);
    CHECK(frame.header.at("stress_voigt_eV_A3").array().size() == 6 && frame.header.at("volume_A3").number() > 0);
    CHECK(frame.header.at("max_cell_force_eV_A").is_number());
    last_has_frame = !frame.arrays.empty();
    if (n_steps % 3 == 0) CHECK(last_has_frame);
    last_energy = frame.header.at("energy_eV").number();
    ++n_steps;
    frame = kernel.receive();
  }
  CHECK(last_has_frame);
  CHECK(frame.header.at("type").text() == "relax_result");
  const json::Value& outcome = frame.header.at("structures").at(0);
  CHECK(outcome.at("end_state").text() == "converged" && outcome.at("steps").integer() == n_steps - 1);
  CHECK(outcome.at("max_force_eV_A").number() < 1e-3 && outcome.at("max_cell_force_eV_A").number() < 1e-3);
  CHECK(array_of(frame, "energies").rows<double>()[0] == last_energy);
  for (const char* name : {"energy_components", "forces", "stress", "positions", "cells"})
    CHECK(!array_of(frame, name).bytes.empty());

  // What it found is a minimum for a fresh start, too.
  kernel.send(relax_header("again", 1.01e-3, 0, "full", 0),
              {{Array{"cells", Dtype::f64, {1, 3, 3}, array_of(frame, "cells").bytes},
                Array{"positions", Dtype::f64, {10, 3}, array_of(frame, "positions").bytes},
                structure_arrays({make_methane_crystal()})[1], structure_arrays({make_methane_crystal()})[3],
                structure_arrays({make_methane_crystal()})[4]}});
  CHECK(kernel.receive_type() == "step");
  CHECK(kernel.receive().header.at("structures").at(0).at("end_state").text() == "converged");
}

TEST(a_running_relaxation_can_be_cancelled) {
  Conversation kernel;
  (void)kernel.receive();
  kernel.send(endless_header("long"), structure_arrays({make_methane()}));
  CHECK(kernel.receive_type() == "step");
  kernel.send({{"type", "cancel"}, {"id", "c"}, {"target", "long"}});
  bool is_found = false;
  Frame frame = kernel.receive();
  while (frame.header.at("type").text() != "relax_result") {
    if (frame.header.at("type").text() == "cancel_result") is_found = frame.header.at("found").boolean();
    frame = kernel.receive();
  }
  CHECK(is_found);
  CHECK(frame.header.at("structures").at(0).at("end_state").text() == "cancelled");
  kernel.send({{"type", "cancel"}, {"id", "c2"}, {"target", "long"}});
  CHECK(!kernel.receive().header.at("found").boolean());
}

TEST(the_end_of_the_input_stops_a_calculation) {
  Conversation kernel;
  (void)kernel.receive();
  kernel.send(endless_header("long"), structure_arrays({make_methane()}));
  CHECK(kernel.receive_type() == "step");
  CHECK(kernel.finish() == kExitOk);
}

TEST(an_id_can_be_used_again_only_after_its_answer) {
  Conversation kernel;
  (void)kernel.receive();
  kernel.send(endless_header("a"), structure_arrays({make_methane()}));
  CHECK(kernel.receive_type() == "step");
  kernel.send({{"type", "devices"}, {"id", "a"}});
  Frame frame = kernel.receive();
  while (frame.header.at("type").text() == "step") frame = kernel.receive();
  CHECK(frame.header.at("type").text() == "error" && frame.header.at("code").text() == "bad_request");
}

TEST(a_bad_request_is_refused_and_the_next_one_served) {
  Conversation kernel;
  (void)kernel.receive();
  const auto arrays = structure_arrays({make_methane()});
  const auto is_refused = [&](json::Object header, std::span<const Array> with, const char* code) {
    kernel.send(std::move(header), with);
    const Frame answer = kernel.receive();
    const bool is_error = answer.header.at("type").text() == "error";
    if (is_error && answer.header.at("code").text() != code)
      std::printf("  %s\n", answer.header.at("message").text().c_str());
    return is_error && answer.header.at("code").text() == code && answer.header.at("id").text() == "x";
  };
  const json::Object good = evaluate_header("x");
  const auto options = [](json::Object o) { return json::Object{{"kind", "uff4mof"}, {"options", std::move(o)}}; };
  CHECK(is_refused({{"type", "optimize"}, {"id", "x"}}, {}, "bad_request"));
  CHECK(is_refused({{"id", "x"}}, {}, "bad_request"));
  CHECK(is_refused({{"type", "devices"}, {"id", "x"}, {"all", true}}, {}, "bad_request"));
  CHECK(is_refused({{"type", "devices"}, {"id", "x"}}, arrays, "bad_request"));
  CHECK(is_refused({{"type", "cancel"}, {"id", "x"}}, {}, "bad_request"));
  CHECK(is_refused(replaced(good, "precision", "double"), arrays, "bad_request"));
  CHECK(is_refused(replaced(good, "compute_forces", 1), arrays, "bad_request"));
  CHECK(is_refused(replaced(good, "device", "gpu"), arrays, "bad_request"));
  CHECK(is_refused(replaced(good, "device", "cuda:999"), arrays, "no_device"));
  CHECK(is_refused(replaced(good, "potential", "uff4mof"), arrays, "bad_request"));
  CHECK(is_refused(replaced(good, "potential", options({{"cutoff_A", 1}})), arrays, "bad_request"));
  CHECK(is_refused(replaced(good, "potential", options({{"cutoff", 12}})), arrays, "bad_request"));
  CHECK(is_refused(replaced(good, "potential", options({{"dialect", "lammps"}})), arrays, "bad_request"));
  CHECK(is_refused(good, {}, "bad_request"));
  CHECK(is_refused(calculation("topology", "x"), structure_arrays({make_methane(), make_methane()}), "bad_request"));
  CHECK(is_refused(relax_header("x", 0, 1, "fixed", 0), arrays, "bad_request"));
  CHECK(is_refused(relax_header("x", 1, -1, "fixed", 0), arrays, "bad_request"));
  CHECK(is_refused(relax_header("x", 1, 1, "some", 0), arrays, "bad_request"));
  CHECK(is_refused(relax_header("x", 1, 1, "full", 0), arrays, "unsupported"));  // methane is not periodic

  for (std::size_t i = 0; i < arrays.size(); ++i) {
    auto missing = arrays;
    missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(is_refused(good, missing, "bad_request"));
    auto twice = arrays;
    twice.push_back(arrays[i]);
    CHECK(is_refused(good, twice, "bad_request"));
    auto flat = arrays;
    flat[i].shape = {flat[i].bytes.size() / dtype_bytes(flat[i].dtype), 1};
    CHECK(is_refused(good, flat, "bad_request"));
    auto untyped = arrays;
    untyped[i].dtype = Dtype::u8;
    untyped[i].shape = {untyped[i].bytes.size()};
    CHECK(i == 1 || is_refused(good, untyped, "bad_request"));
  }
  Structure broken = make_methane();
  broken.positions[2][1] = std::numeric_limits<double>::quiet_NaN();
  CHECK(is_refused(good, structure_arrays({broken}), "bad_structure"));
  broken = make_methane();
  broken.atomic_numbers[0] = 119;
  CHECK(is_refused(good, structure_arrays({broken}), "bad_structure"));
  broken = make_methane_crystal();
  broken.cell[1] = broken.cell[0];
  CHECK(is_refused(good, structure_arrays({broken}), "bad_structure"));
  broken = make_methane();
  broken.positions[1] = broken.positions[2];
  CHECK(is_refused(good, structure_arrays({broken}), "bad_structure"));
  auto empty = arrays;
  empty[4] = structure_arrays({Structure{}})[4];
  CHECK(is_refused(good, empty, "bad_structure"));

  kernel.send(good, arrays);
  CHECK(kernel.receive_type() == "evaluate_result");
}

TEST(a_stream_of_something_else_ends_the_session_with_an_error) {
  Conversation kernel;
  (void)kernel.receive();
  kernel.send_text("GET / HTTP/1.1\r\n\r\n");
  const Frame answer = kernel.receive();
  CHECK(answer.header.at("type").text() == "error" && answer.header.at("id").is_null());
  CHECK(kernel.finish() == kExitBadInput);
}

TEST(errors_of_the_engine_travel_with_their_code_and_details) {
  class BrokenEngine : public Engine {
    Evaluation evaluate(std::span<const Structure>, const PotentialSpec&, EvaluateWant) override {
      throw KernelError(ErrorCode::device_lost, "the GPU fell off", R"({"device":"cuda:0"})");
    }
    RelaxResult relax(std::span<const Structure>, const PotentialSpec&, const RelaxOptions&, const RunControl&,
                      const std::function<void(const RelaxStep&)>&) override {
      throw std::bad_alloc();
    }
    MdResult run_md(std::span<const Structure>, const PotentialSpec&, const MdOptions&, const RunControl&,
                    const std::function<void(const MdSample&)>&) override {
      throw std::bad_alloc();
    }
    ForceConstants force_constants(const Structure&, const PotentialSpec&, const ForceConstantOptions&,
                                   const RunControl&, const std::function<void(int)>&) override {
      throw std::bad_alloc();
    }
    InsertionResult insert(const Structure&, const PotentialSpec&, const InsertionOptions&, const RunControl&,
                           const std::function<void(std::int64_t)>&) override {
      throw std::bad_alloc();
    }
    void set_memory_limit(std::optional<std::size_t>) override {}
  };
  Conversation kernel({list_devices, [](const std::string&, Precision) { return std::make_unique<BrokenEngine>(); }});
  (void)kernel.receive();
  kernel.send(relax_header("r", 1, 1, "fixed", 0), structure_arrays({make_methane()}));
  CHECK(kernel.receive().header.at("code").text() == "out_of_memory");
  kernel.send(evaluate_header("e"), structure_arrays({make_methane()}));
  const Frame answer = kernel.receive();
  CHECK(answer.header.at("code").text() == "device_lost" && answer.header.at("id").text() == "e");
  CHECK(answer.header.at("message").text() == "the GPU fell off");
  CHECK(answer.header.at("details").at("device").text() == "cuda:0");
  bool has_ended = false;
  try {
    (void)kernel.receive();
  } catch (const std::runtime_error&) {
    has_ended = true;
  }
  CHECK(has_ended && kernel.finish() == kExitFailed);
}

TEST(mutated_requests_are_answered_or_refused) {
  std::mt19937 random(11);
  const std::vector<std::byte> good = encode_frame(evaluate_header("x"), structure_arrays({make_methane()}));
  const auto header_end = static_cast<std::size_t>(std::find(good.begin(), good.end(), std::byte{'\n'}) - good.begin());
  for (int round = 0; round < 300; ++round) {
    std::vector<std::byte> bytes = good;
    const std::size_t range = round % 2 == 0 ? header_end : bytes.size();
    for (unsigned i = 0; i <= random() % 3; ++i) {
      bytes[random() % range] =
          round % 3 == 0 ? static_cast<std::byte>(random() & 0xFFU) : static_cast<std::byte>('0' + random() % 10);
    }
    Conversation kernel;
    (void)kernel.receive();
    kernel.send(bytes);
    const int exit_code = kernel.finish();
    CHECK(exit_code == kExitOk || exit_code == kExitBadInput);
  }
}

}  // namespace mofkernel::protocol
