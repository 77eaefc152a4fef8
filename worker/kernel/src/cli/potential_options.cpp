#include "cli/potential_options.hpp"

#include "protocol/requests.hpp"

namespace mofkernel::cli {

PotentialSpec take_potential(Arguments& arguments) {
  PotentialSpec potential;
  if (const auto folder = arguments.take_option("--mace")) {
    potential.mace = mace::Options{.folder = std::filesystem::absolute(*folder)};
    if (const auto head = arguments.take_option("--head")) potential.mace->head = *head;
    if (const auto functional = arguments.take_option("--d3")) {
      potential.dispersion.emplace();
      potential.dispersion->functional = *functional;
    }
    return potential;
  }
  if (const auto dialect = arguments.take_option("--dialect"))
    potential.uff4mof.dialect = protocol::parse_dialect(*dialect);
  if (const auto fallback = arguments.take_option("--fallback"))
    potential.uff4mof.fallback = protocol::parse_fallback(*fallback);
  if (const auto charges = arguments.take_option("--charges"))
    potential.electrostatics.charges = protocol::parse_charges(*charges);
  if (const auto method = arguments.take_option("--method"))
    potential.electrostatics.method = protocol::parse_electrostatics_method(*method);
  if (const auto cutoff = arguments.take_number("--cutoff")) potential.uff4mof.cutoff_A = *cutoff;
  protocol::check_cutoff(potential.uff4mof.cutoff_A);
  return potential;
}

}  // namespace mofkernel::cli
