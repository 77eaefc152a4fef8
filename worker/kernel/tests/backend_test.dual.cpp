#include "backend/backend.hpp"

#include <numeric>

#include "check.hpp"
#include "device.hpp"

namespace mofkernel::MOFK_NS {

namespace {

struct CountAndSum {
  int n = 0;
  double total = 0;
  MOFK_HD CountAndSum& operator+=(const CountAndSum& other) {
    n += other.n;
    total += other.total;
    return *this;
  }
};

}  // namespace

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

TEST(long_sums_may_be_structs_and_are_stored_by_the_caller) {
  const auto context = make_test_context();
  const std::vector<int> first{0, 3, 3, 3000};
  const Buffer<int> d_first(*context, std::span<const int>(first));
  Buffer<double> out(*context, 3);
  double* const d_out = out.data();
  segmented_reduce_with<Sum>(
      *context, 3, d_first.data(), CountAndSum{}, MOFK_LAMBDA(int i) { return CountAndSum{1, 1.0 * i}; },
      MOFK_LAMBDA(int s, const CountAndSum& sum) { d_out[s] = sum.n == 0 ? -1.0 : sum.total / sum.n; });
  CHECK((out.to_host() == std::vector<double>{1, -1, (2999.0 + 3) / 2}));
}

TEST(teams_count_and_sum_over_their_lanes) {
  const auto context = make_test_context();
  for (const int n : {1, 3, 31, 33, 1000}) {
    // Team i goes through the numbers 0 … i and packs those that 3 divides, in order.
    Buffer<int> packed(*context, static_cast<std::size_t>(n) * 512);
    Buffer<int> counts(*context, static_cast<std::size_t>(n));
    Buffer<double> sums(*context, static_cast<std::size_t>(n));
    int* const d_packed = packed.data();
    int* const d_counts = counts.data();
    double* const d_sums = sums.data();
    parallel_for_teams<8>(
        *context, n,
        MOFK_LAMBDA(int i, Team<8> team) {
          constexpr int kLanes = Team<8>::kLanes;
          int found = 0;
          double sum = 0.0;
          for (int k = 0; k <= i; k += kLanes) {
            const bool is_multiple = k + team.lane <= i && (k + team.lane) % 3 == 0;
            int n_new;
            const int place = found + team.count_before(is_multiple, n_new);
            if (is_multiple) {
              d_packed[512 * i + place] = k + team.lane;
              sum += k + team.lane;
            }
            found += n_new;
          }
          sum = team.sum(sum);
          if (team.lane != 0) return;
          d_counts[i] = found;
          d_sums[i] = sum;
        },
        1);
    const std::vector<int> host = packed.to_host();
    const std::vector<int> host_counts = counts.to_host();
    const std::vector<double> host_sums = sums.to_host();
    for (int i = 0; i < n; ++i) {
      const int n_multiples = i / 3 + 1;
      CHECK(host_counts[static_cast<std::size_t>(i)] == n_multiples);
      CHECK(host_sums[static_cast<std::size_t>(i)] == 1.5 * n_multiples * (n_multiples - 1));
      for (int k = 0; k < n_multiples; ++k) CHECK(host[static_cast<std::size_t>(512 * i + k)] == 3 * k);
    }
  }
}

TEST(atomic_max_keeps_the_largest) {
  const auto context = make_test_context();
  Buffer<int> largest(*context, 1);
  largest.fill_zero();
  int* const d_largest = largest.data();
  parallel_for(*context, 10000, MOFK_LAMBDA(int i) { atomic_max(d_largest, (i * 7919) % 10007); }, 1);
  int expected = 0;
  for (int i = 0; i < 10000; ++i) expected = std::max(expected, (i * 7919) % 10007);
  CHECK(largest.to_host()[0] == expected);
}

TEST(context_knows_what_its_buffers_take) {
  const auto context = make_test_context();
  CHECK(context->allocated_bytes() == 0);
  {
    Buffer<double> a(*context, 100);
    Buffer<int> b(*context, 7);
    CHECK(context->allocated_bytes() == 828);
    a.resize(50);  // keeps what it has
    CHECK(context->allocated_bytes() == 828);
    b = Buffer<int>(*context, 2);
    CHECK(context->allocated_bytes() == 808);
    const Buffer<double> c = std::move(a);
    CHECK(context->allocated_bytes() == 808);
  }
  CHECK(context->allocated_bytes() == 0);
}

}  // namespace mofkernel::MOFK_NS
