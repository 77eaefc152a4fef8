// The program as others see it: real processes, pipes, signals and exit codes. POSIX only.
#include "program.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "check.hpp"
#include "molecules.hpp"

namespace mofkernel::protocol {

std::vector<std::byte> endless_relaxation() {
  return encode_frame({{"type", "relax"},
                       {"id", "r"},
                       {"potential", json::Object{{"kind", "uff4mof"}, {"options", json::Object{}}}},
                       {"device", "cpu"},
                       {"precision", "float64"},
                       {"optimizer", "FIRE"},
                       {"fmax_eV_A", 1e-300},
                       {"max_steps", 2'000'000'000},
                       {"cell_mode", "fixed"},
                       {"pressure_eV_A3", 0},
                       {"frame_interval", 0}},
                      structure_arrays({make_methane()}));
}

int run(const std::vector<std::string>& arguments, std::string* output = nullptr) {
  Program program(arguments);
  program.close_stdin();
  const std::string text = program.read_all();
  if (output != nullptr) *output = text;
  return program.wait();
}

TEST(closing_stdin_ends_the_kernel_while_it_computes) {
  Program kernel({"serve"});
  CHECK(kernel.receive()->header.at("type").text() == "hello");
  kernel.send(endless_relaxation());
  CHECK(kernel.receive()->header.at("type").text() == "step");
  kernel.close_stdin();
  CHECK(kernel.wait() == kExitOk);
}

TEST(closing_stdin_ends_the_kernel_while_nobody_reads_its_answers) {
  Program kernel({"serve"});
  CHECK(kernel.receive()->header.at("type").text() == "hello");
  kernel.send(endless_relaxation());
  std::this_thread::sleep_for(std::chrono::milliseconds(300));  // its stdout is full by then, and it waits in write()
  kernel.close_stdin();
  CHECK(kernel.wait() == kExitOk);
}

TEST(a_closed_stdout_ends_the_kernel) {
  Program kernel({"serve"});
  CHECK(kernel.receive()->header.at("type").text() == "hello");
  kernel.close_stdout();
  kernel.send(endless_relaxation());
  CHECK(kernel.wait() == kExitFailed);
}

TEST(the_kernel_dies_with_its_parent) {
#ifdef __linux__
  // A child starts the kernel with a stdin that we keep open, tells us its process id and goes.
  std::array<int, 2> id{};
  std::array<int, 2> kernel_stdin{};
  if (pipe(id.data()) != 0 || pipe(kernel_stdin.data()) != 0) throw std::runtime_error("no pipes");
  const pid_t parent = fork();
  if (parent == 0) {
    const pid_t kernel = fork();
    if (kernel == 0) {
      dup2(kernel_stdin[0], STDIN_FILENO);
      dup2(id[1], STDOUT_FILENO);  // hello tells that it has come so far
      execl(MOFK_PROGRAM, MOFK_PROGRAM, "serve", nullptr);
      _exit(127);
    }
    std::array<char, 1> byte{};
    while (::read(id[0], byte.data(), 1) == 1 && byte[0] != '\n') {
    }
    if (::write(id[1], &kernel, sizeof kernel) != static_cast<ssize_t>(sizeof kernel)) _exit(1);
    _exit(0);
  }
  int status = 0;
  waitpid(parent, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  pid_t kernel = 0;
  CHECK(::read(id[0], &kernel, sizeof kernel) == static_cast<ssize_t>(sizeof kernel));
  // The kernel holds the write end of this pipe: its end is the end of the kernel.
  close(id[1]);
  pollfd waiting{id[0], POLLIN, 0};
  CHECK(poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) == 1);
  std::array<char, 1> rest{};
  CHECK(::read(id[0], rest.data(), 1) == 0);
  for (const int descriptor : {id[0], kernel_stdin[0], kernel_stdin[1]}) close(descriptor);
#else
  SKIP("only Linux tells a process that its parent has died");
#endif
}

TEST(bytes_that_are_no_frames_are_refused_by_the_process) {
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::byte> bytes(1 + random() % 5000);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() & 0xFFU);
    Program kernel({"serve"});
    CHECK(kernel.receive()->header.at("type").text() == "hello");
    kernel.send(bytes);
    kernel.close_stdin();
    const auto answer = kernel.receive();
    CHECK(answer && answer->header.at("type").text() == "error");
    CHECK(kernel.wait() == kExitBadInput);
  }
}

TEST(commands_have_their_exit_codes) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("mofkernel_test_" + std::to_string(getpid()) + ".xyz");
  std::ofstream(path) << "5\nmethane\nC 0 0 0\nH .63 .63 .63\nH .63 -.63 -.63\nH -.63 .63 -.63\nH -.63 -.63 .63\n";
  std::string output;
  CHECK(run({"--version"}, &output) == kExitOk && output == "mofkernel " MOFK_VERSION "\n");
  CHECK(run({"--help"}, &output) == kExitOk && output.find("evaluate FILE.xyz") != std::string::npos);
  CHECK(run({"devices", "--json"}, &output) == kExitOk &&
        json::parse(output).at("devices").at(0).at("device").text() == "cpu");
  CHECK(run({"selftest", "--device", "cpu"}, &output) == kExitOk && output.find("WRONG") == std::string::npos);

  CHECK(run({"evaluate", path, "--json", "--repeat", "3", "--threads=1", "--cutoff", "9", "--precision", "mixed"},
            &output) == kExitOk);
  const json::Value result = json::parse(output);
  CHECK(result.at("n_atoms").integer() == 5 && result.at("forces_eV_A").array().size() == 5 &&
        result.at("stress_eV_A3").is_null());
  double sum = 0;
  for (const json::Member& component : result.at("energy_components_eV").object()) sum += component.value.number();
  CHECK_CLOSE(sum, result.at("energy_eV").number(), 1e-12, 1e-12);
  CHECK(result.at("timing").at("n_repeats").integer() == 3);
  CHECK(result.at("timing").at("min_ns_per_atom").number() <= result.at("timing").at("median_ns_per_atom").number());

  using Words = std::vector<std::string>;
  for (const Words& words :
       {Words{}, Words{"relax"}, Words{"serve", "now"}, Words{"evaluate"}, Words{"evaluate", "/no/such/file"},
        Words{"evaluate", path, "--cutoff"}, Words{"evaluate", path, "--cutoff", "x"},
        Words{"evaluate", path, "--cutoff", "1"}, Words{"evaluate", path, "--repeat", "0"},
        Words{"evaluate", path, "--precision", "half"}, Words{"evaluate", path, "--device", "gpu"},
        Words{"evaluate", path, "--device", "cuda:999"}, Words{"evaluate", path, "--verbose"},
        Words{"evaluate", MOFK_PROGRAM}, Words{"selftest", "--device", "gpu"}}) {
    CHECK(run(words) == kExitBadInput);
  }
  std::filesystem::remove(path);
}

}  // namespace mofkernel::protocol
