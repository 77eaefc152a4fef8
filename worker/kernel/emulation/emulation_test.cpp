// The emulated device finds what it is there to find: every wrong use ends the process with a report that names it.
#include <array>
#include <functional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "backend/backend.hpp"
#include "check.hpp"

using namespace mofkernel;
using namespace mofkernel::cuda;

namespace {

/// What a process that runs `body` says on its standard error before SIGABRT ends it; "" when it ends otherwise.
std::string report_of(const std::function<void()>& body, const char* settings = "") {
  std::array<int, 2> pipe_ends{};
  if (pipe(pipe_ends.data()) != 0) return "";
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    dup2(pipe_ends[1], STDERR_FILENO);
    setenv("MOFK_EMULATION", settings, 1);
    body();
    _exit(0);
  }
  close(pipe_ends[1]);
  std::string text;
  std::array<char, 512> part{};
  for (ssize_t n = 0; (n = read(pipe_ends[0], part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<std::size_t>(n));
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? text : "";
}

bool tells(const std::string& report, const std::string& what) { return report.find(what) != std::string::npos; }

template <class F>
void run_threads(int n, F body) {
  const Context context;
  launch(context, {1, static_cast<unsigned>(n)}, +body);
  context.synchronize();
}

}  // namespace

// First: what the environment says is read once, before a process uses the device.
TEST(the_environment_can_take_memory_and_the_device_away) {
  const auto code_of = [](auto body) {
    try {
      body();
    } catch (const KernelError& error) {
      std::fputs(error_code_name(error.code()), stderr);
    }
    std::abort();
  };
  const auto use = [&] { code_of([] { Buffer<double>(Context(), std::vector<double>(1 << 20)).to_host(); }); };
  CHECK(report_of(use).empty());
  CHECK(report_of(use, "memory_mib=4") == "out_of_memory");
  CHECK(report_of(use, "fail_allocation=1") == "out_of_memory");
  CHECK(report_of(use, "lose_device=2") == "device_lost");
}

TEST(host_code_cannot_touch_device_memory) {
  CHECK(tells(report_of([] {
                const Context context;
                Buffer<int> numbers(context, 10);
                numbers.data()[3] = 1;
              }),
              "host code touches device memory"));
}

TEST(device_code_cannot_touch_the_hosts_memory) {
  CHECK(tells(report_of([] {
                const Context context;
                const std::vector<int> numbers(10, 1);
                const int* const of_host = numbers.data();
                Buffer<int> out(context, 1);
                int* const of_device = out.data();
                parallel_for(context, 1, MOFK_LAMBDA(int) { of_device[0] = of_host[3]; });
                context.synchronize();
              }),
              "device code touches the host's memory"));
}

TEST(addresses_of_the_hosts_stack_in_arguments_are_told) {
  CHECK(tells(report_of([] {
                const Context context;
                int number = 0;
                int* const place = &number;
                parallel_for(context, 1, MOFK_LAMBDA(int) { *place = 1; });
                std::abort();
              }),
              "an address of the host's stack"));
}

TEST(reads_and_writes_beyond_an_allocation_are_found) {
  const auto touch = [](int index) {
    const Context context;
    Buffer<double> numbers(context, 128);
    double* const place = numbers.data();
    parallel_for(context, 1, MOFK_LAMBDA(int) { place[index] = 1.0; });
    context.synchronize();
  };
  CHECK(report_of([&] { touch(127); }).empty());
  CHECK(tells(report_of([&] { touch(128); }), "byte 1024 of a living allocation of 1024 bytes"));
  CHECK(tells(report_of([&] { touch(-1); }), "somebody has written before the allocation of 1024 bytes"));
}

TEST(a_graph_that_holds_freed_memory_is_found) {
  CHECK(tells(report_of([] {
                const Context context;
                auto numbers = std::make_unique<Buffer<int>>(context, 10);
                int* const place = numbers->data();
                cudaGraph_t graph = nullptr;
                cudaStreamBeginCapture(context.stream(), cudaStreamCaptureModeThreadLocal);
                parallel_for(context, 10, MOFK_LAMBDA(int i) { place[i] = i; });
                cudaStreamEndCapture(context.stream(), &graph);
                cudaGraphExec_t executable = nullptr;
                cudaGraphInstantiate(&executable, graph, 0);
                numbers.reset();
                cudaGraphLaunch(executable, context.stream());
                context.synchronize();
              }),
              "of a freed allocation of 40 bytes"));
}

TEST(memory_is_unknown_before_it_is_written) {
  const Context context;
  for (const double number : Buffer<double>(context, 40).to_host()) CHECK(std::isnan(number));
  for (const float number : Buffer<float>(context, 40).to_host()) CHECK(std::isnan(number));
}

TEST(barriers_that_not_all_threads_share_are_found) {
  const auto two_barriers = [] {
    if (threadIdx.x < 16) {
      __syncthreads();
    } else {
      __syncthreads();
    }
  };
  CHECK(tells(report_of([&] { run_threads(32, two_barriers); }), "wait in different __syncthreads()"));
  const auto ended = [] {
    if (threadIdx.x < 16) return;
    __syncthreads();
  };
  CHECK(report_of([&] { run_threads(32, ended); }).empty());
}

TEST(masks_of_a_warp_name_those_who_come) {
  CHECK(tells(report_of([] { run_threads(32, [] { __shfl_xor_sync(1U, threadIdx.x, 0); }); }),
              "does not name the thread that brings it"));
  CHECK(tells(report_of([] { run_threads(16, [] { __ballot_sync(~0U, 1); }); }),
              "names a thread that the block does not have"));
  CHECK(tells(report_of([] {
                run_threads(32, [] {
                  if (threadIdx.x > 0) __ballot_sync(~0U, 1);
                });
              }),
              "which has ended"));
  CHECK(tells(report_of([] {
                run_threads(32, [] {
                  if (threadIdx.x == 0) __syncthreads();
                  __ballot_sync(~0U, 1);
                });
              }),
              "wait for each other"));
}

TEST(launches_beyond_the_limits_are_refused) {
  const Context context;
  const auto nothing = +[] {};
  CHECK_THROWS_CODE(launch(context, {0, 32}, nothing), ErrorCode::internal);
  CHECK_THROWS_CODE(launch(context, {1, 1025}, nothing), ErrorCode::internal);
  CHECK_THROWS_CODE(launch(context, {dim3(1, 65536), 1}, nothing), ErrorCode::internal);
  CHECK_THROWS_CODE(launch(context, {1, 32, 49 * 1024}, nothing), ErrorCode::internal);
}

TEST(work_waits_for_a_synchronization) {
  const Context context;
  Buffer<int> number(context, std::vector<int>{1});
  int seen = 0;
  cudaMemcpyAsync(&seen, number.data(), sizeof seen, cudaMemcpyDeviceToHost, context.stream());
  CHECK(seen == 0);
  context.synchronize();
  CHECK(seen == 1);
}
