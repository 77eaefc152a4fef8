// Coupling coefficients against the values of e3nn 0.4.4 and the laws that they obey.
#include <array>
#include <cmath>
#include <vector>

#include "check.hpp"
#include "errors.hpp"
#include "potentials/mace/couplings.hpp"

namespace mofkernel::mace {
namespace {

double value_at(const Path& path, int m1, int m2, int m3) {
  for (const CouplingEntry& entry : coupling_of(path)) {
    if (entry.m1 == m1 && entry.m2 == m2 && entry.m3 == m3) return entry.value;
  }
  return 0;
}

std::vector<Path> all_even_paths() {
  std::vector<Path> paths;
  for (int l1 = 0; l1 <= kMostDegree; ++l1) {
    for (int l2 = 0; l2 <= kMostDegree; ++l2) {
      for (int l3 = std::abs(l1 - l2); l3 <= std::min(l1 + l2, kMostDegree); l3 += 2) paths.push_back({l1, l2, l3});
    }
  }
  return paths;
}

}  // namespace

// wigner_3j of e3nn 0.4.4, ten digits.
TEST(couplings_are_those_of_e3nn) {
  CHECK_CLOSE(value_at({1, 1, 2}, 0, 0, 2), -0.1825741858 * std::sqrt(5.0), 3e-10, 0);
  CHECK_CLOSE(value_at({1, 1, 2}, 0, 0, 4), -0.3162277660 * std::sqrt(5.0), 3e-10, 0);
  CHECK_CLOSE(value_at({1, 1, 2}, 0, 1, 1), 0.3162277660 * std::sqrt(5.0), 3e-10, 0);
  CHECK_CLOSE(value_at({1, 1, 2}, 1, 1, 2), 0.3651483717 * std::sqrt(5.0), 3e-10, 0);
  CHECK_CLOSE(value_at({1, 2, 3}, 1, 2, 3), 0.2927700219 * std::sqrt(7.0), 3e-10, 0);
  CHECK_CLOSE(value_at({2, 2, 2}, 0, 0, 2), -0.2390457219 * std::sqrt(5.0), 3e-10, 0);
  CHECK(coupling_of({1, 1, 2}).size() == 11);
  CHECK(coupling_of({1, 2, 3}).size() == 21);
  CHECK(coupling_of({2, 2, 2}).size() == 25);
}

TEST(a_scalar_couples_by_the_unit_matrix) {
  for (int l = 0; l <= kMostDegree; ++l) {
    const auto entries = coupling_of({0, l, l});
    CHECK(entries.size() == static_cast<std::size_t>(2 * l + 1));
    for (const CouplingEntry& entry : entries) {
      CHECK(entry.m2 == entry.m3);
      CHECK_CLOSE(entry.value, 1.0, 1e-14, 0);
    }
  }
}

// Orthogonality of 3j symbols: sum over m1, m2 of C(m1, m2, m3) C(m1, m2, m3') = delta / (2 l3 + 1), here times that.
TEST(couplings_to_different_components_are_orthonormal) {
  for (const Path& path : all_even_paths()) {
    std::array<std::array<double, 9>, 9> gram{};
    for (const CouplingEntry& a : coupling_of(path)) {
      for (const CouplingEntry& b : coupling_of(path)) {
        if (a.m1 == b.m1 && a.m2 == b.m2) gram.at(a.m3).at(b.m3) += a.value * b.value;
      }
    }
    for (int i = 0; i <= 2 * path.l3; ++i) {
      for (int j = 0; j <= 2 * path.l3; ++j) CHECK_CLOSE(gram.at(i).at(j), i == j ? 1.0 : 0.0, 1e-13, 0);
    }
  }
}

TEST(a_coupling_with_permuted_degrees_is_the_permuted_coupling) {
  for (const Path& path : all_even_paths()) {
    const double ratio = std::sqrt((2 * path.l2 + 1.0) / (2 * path.l3 + 1.0));
    for (const CouplingEntry& entry : coupling_of(path))
      CHECK_CLOSE(value_at({path.l1, path.l3, path.l2}, entry.m1, entry.m3, entry.m2), ratio * entry.value, 1e-13, 0);
  }
}

TEST(couplings_of_an_odd_sum_or_beyond_the_highest_degree_are_refused) {
  CHECK_THROWS_CODE((void)coupling_of({1, 1, 1}), ErrorCode::unsupported);
  CHECK_THROWS_CODE((void)coupling_of({0, 5, 5}), ErrorCode::unsupported);
}

}  // namespace mofkernel::mace
