#include "backend/backend.hpp"

#include <numeric>

#include "check.hpp"
#include "device.hpp"

namespace mofkernel::MOFK_NS {

TEST(buffers_keep_what_they_are_given) {
  const auto context = make_test_context();
  for (const int n : {0, 1, 31, 32, 33, 1000}) {
    std::vector<double> host(static_cast<std::size_t>(n));
    std::iota(host.begin(), host.end(), 0.5);
    const Buffer<double> buffer(*context, std::span<const double>(host));
    Buffer<double> copy(*context);
    copy.copy_from(buffer);
    CHECK(copy.to_host() == host);
    copy.fill_zero();
    CHECK(copy.to_host() == std::vector<double>(host.size(), 0.0));
    Buffer<double> moved = std::move(copy);
    CHECK(moved.size() == host.size() && copy.size() == 0);
  }
}

TEST(parallel_for_visits_every_index_once) {
  const auto context = make_test_context();
  for (const int n : {0, 1, 31, 32, 33, 127, 128, 129, 100000}) {
    Buffer<int> visits(*context, static_cast<std::size_t>(n));
    visits.fill_zero();
    int* const d_visits = visits.data();
    parallel_for(*context, n, MOFK_LAMBDA(int i) { d_visits[i] += 1; }, 1);
    CHECK(visits.to_host() == std::vector<int>(static_cast<std::size_t>(n), 1));
  }
}

TEST(exclusive_scan_gives_starts_and_total) {
  const auto context = make_test_context();
  for (const int n : {0, 1, 31, 32, 33, 100000}) {
    std::vector<int> counts(static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i) counts[static_cast<std::size_t>(i)] = (i * 7) % 5;
    std::vector<int> expected{0};
    for (const int count : counts) expected.push_back(expected.back() + count);
    const Buffer<int> in(*context, std::span<const int>(counts));
    Buffer<int> out(*context, static_cast<std::size_t>(n) + 1);
    exclusive_scan(*context, n, in.data(), out.data());
    CHECK(out.to_host() == expected);
  }
}

TEST(segmented_reduce_sums_and_finds_maxima) {
  const auto context = make_test_context();
  const std::vector<int> first{0, 0, 1, 34, 34, 5000};
  const Buffer<int> d_first(*context, std::span<const int>(first));
  Buffer<double> out(*context, 5);
  segmented_reduce<Sum>(*context, 5, d_first.data(), 0.0, MOFK_LAMBDA(int i) { return 1.0 * i; }, out.data());
  // Sums of consecutive integers are exact in double.
  CHECK((out.to_host() == std::vector<double>{0, 0, 561, 0, 4999.0 * 5000 / 2 - 561}));
  segmented_reduce<Max>(
      *context, 5, d_first.data(), -1.0, MOFK_LAMBDA(int i) { return i == 50 ? 9e9 : 1.0 * i; }, out.data());
  CHECK((out.to_host() == std::vector<double>{-1, 0, 33, -1, 9e9}));
}

TEST(maximum_keeps_a_nan) {
  const auto context = make_test_context();
  const std::vector<int> first{0, 100};
  const Buffer<int> d_first(*context, std::span<const int>(first));
  Buffer<double> out(*context, 1);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  segmented_reduce<Max>(
      *context, 1, d_first.data(), 0.0, MOFK_LAMBDA(int i) { return i == 3 ? nan : 1.0 * i; }, out.data());
  CHECK(std::isnan(out.to_host()[0]));
}

}  // namespace mofkernel::MOFK_NS
