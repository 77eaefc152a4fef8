#include "cli/command_line.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>

#include "errors.hpp"
#include "protocol/session.hpp"

namespace mofkernel::cli {
namespace {

constexpr const char* kHelp = R"(mofkernel: energies, forces and relaxation of metal-organic frameworks

  mofkernel devices [--json]
      The CPU and the GPUs that this program can use.

  mofkernel evaluate FILE.xyz [options]
      Energy, forces and stress of one structure in extended XYZ. For CIF and POSCAR use: mofsim evaluate
        --dialect paper|lammps_interface   conventions of the force field (paper)
        --cutoff A                         Lennard-Jones cutoff, Angstrom (12.5)
        --fallback none|uff                atoms without a UFF4MOF type: refuse, or take the nearest UFF type (none)
        --charges none|given|eqeq          electrostatics: none, charges of the column initial_charges, or EQeq (none)
        --method ewald|dsf                 Ewald sum, or damped shifted force (ewald)
        --mace FOLDER                      instead of UFF4MOF the imported MACE model of this folder
        --head NAME                        of a MACE model with several (the one called default)
        --d3 FUNCTIONAL                    adds D3(BJ) dispersion to a MACE model, such as pbe (none)
        --precision float64|float32|mixed  (float64)
        --device cpu|cuda:INDEX            (cpu)
        --threads N                        threads of the CPU (all)
        --repeat N                         also time N evaluations of energy and forces
        --json                             everything, with all digits

  mofkernel md FILE.xyz --steps N [options of evaluate and of runs]
      Molecular dynamics; one line of JSON per sample and one at the end.
        --ensemble nve|nvt_langevin|nvt_nose_hoover|npt_isotropic|npt_full   (nvt_langevin)
        --temperature K  --timestep FS  --seed N  --pressure-gpa P           (300, 0.5, 0, 0)
        --friction 1/FS  --thermostat-time FS  --barostat-time FS            (0.01, 100, 1000)
        --sample N                         steps between two samples (100)
        --trajectory FILE.extxyz|FILE.mofj, --trajectory-every N             positions over time (every 100 steps)

  mofkernel relax FILE.xyz [options of evaluate and of runs]
      Relaxation; one line of JSON per step and one at the end.
        --optimizer LBFGS|BFGS|FIRE|MDMin  (LBFGS)
        --cell fixed|isotropic|full        what moves besides the atoms (full, without three periodic axes: fixed)
        --fmax eV/A  --max-steps N         largest force norm to reach (0.001), steps at most (500)
        --pressure-gpa P                   external pressure (0)
        --sample N                         steps between two lines (1)
        --out FILE.extxyz                  the relaxed structure with all digits

  Options of runs:
        --supercell A,B,C                  repeats the structure along its lattice vectors
        --checkpoint FILE                  keeps the state of the run there, at its end and as often as told:
        --checkpoint-every-steps N, --checkpoint-every-seconds S
        --resume                           goes on from the checkpoint when it is there; the other options stay the same
        --overwrite                        replaces files of an earlier run instead of refusing to start
        --deadline S                       stops after so many seconds, with a checkpoint; Ctrl-C does so at once

  mofkernel terms FILE.xyz [--dialect …] [--cutoff A] [--fallback …]
      Types, bonds, angles, torsions, inversions and pairs with their coefficients as JSON, in eV and Angstrom.

  mofkernel selftest [--device cpu|cuda:INDEX]
      Checks energies and forces of built-in systems on every device in every precision.

  mofkernel serve
      Speaks the protocol of docs/protocol.md on stdin and stdout; this is how MOFSimBench uses it.

  mofkernel --version | --help

Exit codes: 0 ok, 1 failed, 2 bad input; of runs also 3 stopped by its deadline, 130 interrupted.
)";

std::size_t find_or_end(const std::vector<std::string>& words, const std::string& word) {
  return static_cast<std::size_t>(std::find(words.begin(), words.end(), word) - words.begin());
}

template <class Number>
Number parse_number(const std::string& name, const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw KernelError(ErrorCode::bad_request, name + " takes a number, not \"" + text + "\"");
  }
  return value;
}

int dispatch(std::span<const std::string> arguments) {
  const std::string command = arguments.empty() ? "--help" : arguments.front();
  const auto rest = arguments.subspan(arguments.empty() ? 0 : 1);
  if (command == "devices") return run_devices(rest);
  if (command == "evaluate") return run_evaluate(rest);
  if (command == "md") return run_md(rest);
  if (command == "relax") return run_relax(rest);
  if (command == "selftest") return run_selftest(rest);
  if (command == "terms") return run_terms(rest);
  Arguments(rest).finish();
  if (command == "serve") return protocol::serve_standard_streams();
  if (command == "--version") {
    std::printf("mofkernel %s\n", MOFK_VERSION);
    return protocol::kExitOk;
  }
  if (command == "--help" || command == "-h") {
    std::fputs(kHelp, stdout);
    return arguments.empty() ? protocol::kExitBadInput : protocol::kExitOk;
  }
  throw KernelError(ErrorCode::bad_request, "there is no command \"" + command + "\"; see: mofkernel --help");
}

bool is_bad_input(ErrorCode code) {
  switch (code) {
    case ErrorCode::bad_request:
    case ErrorCode::unsupported:
    case ErrorCode::bad_structure:
    case ErrorCode::atom_typing:
    case ErrorCode::no_device:
    case ErrorCode::bad_checkpoint:
      return true;
    case ErrorCode::non_finite:
    case ErrorCode::out_of_memory:
    case ErrorCode::device_lost:
    case ErrorCode::unsupported_architecture:
    case ErrorCode::file_error:
    case ErrorCode::internal:
      return false;
  }
  return false;
}

}  // namespace

int parse_count(const std::string& name, const std::string& text) {
  const int count = parse_number<int>(name, text);
  if (count < 1) throw KernelError(ErrorCode::bad_request, name + " must be at least 1");
  return count;
}

int run(std::span<const std::string> arguments) {
  try {
    return dispatch(arguments);
  } catch (const KernelError& error) {
    std::fprintf(stderr, "mofkernel: %s: %s\n", error_code_name(error.code()), error.what());
    return is_bad_input(error.code()) ? protocol::kExitBadInput : protocol::kExitFailed;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mofkernel: %s\n", error.what());
    return protocol::kExitFailed;
  }
}

bool Arguments::take_flag(const std::string& name) {
  const std::size_t at = find_or_end(words_, name);
  if (at == words_.size()) return false;
  words_.erase(words_.begin() + static_cast<std::ptrdiff_t>(at));
  return true;
}

std::optional<std::string> Arguments::take_option(const std::string& name) {
  const std::string prefix = name + "=";
  const auto joined =
      std::find_if(words_.begin(), words_.end(), [&](const std::string& word) { return word.starts_with(prefix); });
  if (joined != words_.end()) {
    std::string value = joined->substr(prefix.size());
    words_.erase(joined);
    return value;
  }
  const std::size_t at = find_or_end(words_, name);
  if (at == words_.size()) return std::nullopt;
  if (at + 1 == words_.size()) throw KernelError(ErrorCode::bad_request, name + " needs a value");
  std::string value = words_[at + 1];
  const auto start = words_.begin() + static_cast<std::ptrdiff_t>(at);
  words_.erase(start, start + 2);
  return value;
}

std::optional<int> Arguments::take_count(const std::string& name) {
  const auto text = take_option(name);
  if (!text) return std::nullopt;
  return parse_count(name, *text);
}

std::optional<std::int64_t> Arguments::take_whole(const std::string& name, std::int64_t least) {
  const auto text = take_option(name);
  if (!text) return std::nullopt;
  const auto value = parse_number<std::int64_t>(name, *text);
  if (value < least) throw KernelError(ErrorCode::bad_request, name + " must be at least " + std::to_string(least));
  return value;
}

std::optional<double> Arguments::take_number(const std::string& name) {
  const auto text = take_option(name);
  if (!text) return std::nullopt;
  return parse_number<double>(name, *text);
}

std::optional<std::string> Arguments::take_word() {
  const auto word =
      std::find_if(words_.begin(), words_.end(), [](const std::string& w) { return !w.starts_with("--"); });
  if (word == words_.end()) return std::nullopt;
  std::string value = *word;
  words_.erase(word);
  return value;
}

void Arguments::finish() const {
  if (words_.empty()) return;
  throw KernelError(ErrorCode::bad_request, "\"" + words_.front() + "\" is not understood here; see: mofkernel --help");
}

}  // namespace mofkernel::cli
