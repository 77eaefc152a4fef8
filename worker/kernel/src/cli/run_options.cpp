#include "cli/run_options.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

#include "cli/extxyz.hpp"
#include "cli/potential_options.hpp"
#include "cli/stop_signal.hpp"
#include "errors.hpp"
#include "geometry/supercell.hpp"
#include "protocol/requests.hpp"
#include "units.hpp"

namespace mofkernel::cli {
namespace {

/// 0 when the option is not there.
double take_seconds(Arguments& arguments, const char* name) {
  const double value = arguments.take_number(name).value_or(0);
  if (!(value >= 0)) throw KernelError(ErrorCode::bad_request, std::string(name) + " must not be negative");
  return value;
}

CheckpointPlan take_checkpoint(Arguments& arguments) {
  CheckpointPlan plan;
  const auto path = arguments.take_option("--checkpoint");
  plan.interval_steps = arguments.take_count("--checkpoint-every-steps").value_or(0);
  plan.interval_seconds = take_seconds(arguments, "--checkpoint-every-seconds");
  plan.resume = arguments.take_flag("--resume");
  if (path) plan.path = *path;
  if (!path && (plan.resume || plan.interval_steps > 0 || plan.interval_seconds > 0))
    throw KernelError(ErrorCode::bad_request, "name the file of the checkpoint with --checkpoint FILE");
  return plan;
}

RunControl take_control(Arguments& arguments) {
  RunControl control;
  control.is_cancelled = has_stop_signal;
  control.checkpoint = take_checkpoint(arguments);
  if (const double seconds = take_seconds(arguments, "--deadline"); seconds > 0) {
    control.deadline =
        std::chrono::steady_clock::now() +
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds));
  }
  return control;
}

std::array<int, 3> take_supercell(Arguments& arguments) {
  std::array<int, 3> repeats{1, 1, 1};
  const auto text = arguments.take_option("--supercell");
  if (!text) return repeats;
  std::size_t from = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::size_t end = axis < 2 ? text->find(',', from) : text->size();
    if (end == std::string::npos) throw KernelError(ErrorCode::bad_request, "--supercell takes A,B,C, such as 2,2,1");
    repeats[axis] = parse_count("--supercell", text->substr(from, end - from));
    from = end + 1;
  }
  return repeats;
}

}  // namespace

void take_threads(Arguments& arguments) {
  const auto n_threads = arguments.take_count("--threads");
  if (!n_threads) return;
#ifdef _OPENMP
  omp_set_num_threads(*n_threads);
#else
  if (*n_threads > 1)
    throw KernelError(ErrorCode::unsupported, "--threads: this program was built without OpenMP and has one thread");
#endif
}

RunOptions take_run(Arguments& arguments) {
  RunOptions options;
  options.potential = take_potential(arguments);
  if (const auto precision = arguments.take_option("--precision"))
    options.precision = protocol::parse_precision(*precision);
  if (const auto device = arguments.take_option("--device")) options.device = *device;
  protocol::check_device_name(options.device);
  take_threads(arguments);
  options.control = take_control(arguments);
  options.may_overwrite = arguments.take_flag("--overwrite");
  const std::array<int, 3> repeats = take_supercell(arguments);
  const auto path = arguments.take_word();
  if (!path) throw KernelError(ErrorCode::bad_request, "no file is named; see: mofkernel --help");
  options.structure = make_supercell(read_extxyz(*path), repeats);
  return options;
}

void check_positive(const char* name, double value) {
  if (!(value > 0)) throw KernelError(ErrorCode::bad_request, std::string(name) + " must be positive");
}

void check_free(const RunOptions& options, const std::filesystem::path& path) {
  const bool is_of_no_consequence = path.empty() || options.may_overwrite || options.control.checkpoint.resume;
  std::error_code ignored;
  if (is_of_no_consequence || !std::filesystem::exists(path, ignored)) return;
  throw KernelError(ErrorCode::bad_request,
                    path.string() + " is already there; --resume goes on with that run, --overwrite starts anew");
}

std::vector<double> take_pressure(Arguments& arguments) {
  return {arguments.take_number("--pressure-gpa").value_or(0) / kGPaPerEvA3};
}

}  // namespace mofkernel::cli
