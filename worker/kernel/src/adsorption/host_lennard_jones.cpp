#include "adsorption/host_lennard_jones.hpp"

#include <map>
#include <utility>

namespace mofkernel::adsorption {

namespace {

/// x, the distance of the minimum, over sigma: 2^(1/6).
constexpr double kMinimumOverSigma = 1.122462048309373;

}  // namespace

HostLennardJones host_of_terms(const uff4mof::Terms& terms) {
  HostLennardJones host;
  host.kind.assign(terms.lj_type.begin(), terms.lj_type.end());
  const auto n = static_cast<std::size_t>(terms.n_lj_types);
  for (std::size_t t = 0; t < n; ++t) {
    host.epsilon_eV.push_back(terms.lj_epsilon_eV[t * n + t]);
    host.sigma_A.push_back(terms.lj_x_A[t * n + t] / kMinimumOverSigma);
  }
  return host;
}

HostLennardJones host_of_atoms(std::span<const double> epsilon_eV, std::span<const double> sigma_A) {
  HostLennardJones host;
  std::map<std::pair<double, double>, int> known;
  for (std::size_t i = 0; i < epsilon_eV.size(); ++i) {
    const auto [entry, is_new] = known.try_emplace({epsilon_eV[i], sigma_A[i]}, static_cast<int>(host.n_kinds()));
    if (is_new) {
      host.epsilon_eV.push_back(epsilon_eV[i]);
      host.sigma_A.push_back(sigma_A[i]);
    }
    host.kind.push_back(entry->second);
  }
  return host;
}

}  // namespace mofkernel::adsorption
