// How the emulated device runs one launch: block after block on the calling thread, a block's threads as fibers that
// give way to each other only at a barrier or where a warp exchanges values.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mofkernel::emulation {

class Stream;
class Graph;
struct LaunchRecord;

struct uint3 {
  unsigned x, y, z;
};

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned a = 1, unsigned b = 1, unsigned c = 1) : x(a), y(b), z(c) {}
};

struct LaunchShape {
  dim3 grid;
  dim3 block;
  std::size_t shared_bytes = 0;
};

inline constexpr int kWarp = 32;
inline constexpr unsigned kMostThreads = 1024;
inline constexpr std::size_t kPlainSharedBytes = 48 * 1024;  ///< what a block gets without being asked for
inline constexpr std::size_t kMostSharedBytes = 227 * 1024;  ///< what it can be given on an sm_90

/// Of the thread that runs; device code reads them, nobody else.
extern uint3 threadIdx;
extern uint3 blockIdx;
extern dim3 blockDim;
extern dim3 gridDim;

/// The array that belongs to `place` in the block that runs; the first thread to come makes it.
void* shared_array(const void* place, std::size_t bytes, const char* name);
void* dynamic_shared_memory();

/// __shfl_xor_sync and __ballot_sync: every thread that `mask` names has to come.
std::uint64_t exchange_in_warp(unsigned mask, std::uint64_t bits, int lane_mask);
unsigned vote_in_warp(unsigned mask, bool flag);

/// __syncthreads() of this line.
void wait_at_barrier(const char* file, int line);

/// Runs all threads of a launch. A wrong use of barriers or warps ends the process with a report.
void execute(const LaunchRecord& record);

/// Is device code running?
bool is_executing();

/// What runs now, for reports; "" outside of a launch.
const char* describe_position();

}  // namespace mofkernel::emulation
