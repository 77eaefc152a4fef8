#include "execution.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "fiber.hpp"
#include "launch_record.hpp"
#include "report.hpp"
#include "sanitizers.hpp"
#include "settings.hpp"
#include "unknown_bytes.hpp"

namespace mofkernel::emulation {

uint3 threadIdx;
uint3 blockIdx;
dim3 blockDim;
dim3 gridDim;

namespace {

enum class State : unsigned char { fresh, running, ready, at_barrier, in_warp, exited };
enum class WarpCall : unsigned char { none, exchange, vote };

/// A stack on which threads run one after another, as long as none of them has to wait.
struct Runner {
  explicit Runner(void (*entry)(void*)) : fiber(entry, this) {}
  Fiber fiber;
  int thread = 0;
};

struct Thread {
  State state = State::fresh;
  Runner* runner = nullptr;
  WarpCall call = WarpCall::none;
  unsigned mask = 0;
  std::uint64_t bits = 0;  ///< brought to the warp's call, then what comes of it
  int lane_mask = 0;
};

struct SharedArray {
  const void* place;
  void* data;
  std::size_t bytes;
};

/// Threads that race are told apart by their number modulo this prime, across blocks too.
constexpr int kRaceFibers = 1021;

/// The block that runs, and what outlives it.
struct Machine {
  const LaunchRecord* launch = nullptr;
  int n_threads = 0;
  int next = 0;  ///< in `order`
  int running = -1;
  int n_exited = 0;
  int n_at_barrier = 0;
  unsigned barriers_passed = 0;
  const char* barrier_file = "";  ///< of the barrier at which threads wait
  int barrier_line = 0;
  std::uint64_t first_race_fiber = 0;
  OpenVector<Thread> threads;
  OpenVector<unsigned> waiting_lanes;  ///< of every warp
  OpenVector<int> order;
  OpenVector<int> ready;
  OpenVector<int> block_order;
  OpenVector<Runner*> idle;
  OpenVector<SharedArray> shared;
  void* dynamic_shared = nullptr;
  OpenVector<void*> discarded;  ///< shared memory that nobody uses any more
  OpenVector<void*> race_fibers;
  void* host_fiber = nullptr;
  // Only their addresses matter: what was released there is seen by those who acquire it.
  char launched = 0;
  char finished = 0;
  char barrier_of[2] = {};
  char shared_made = 0;
};

Machine machine;

unsigned volume(dim3 size) { return size.x * size.y * size.z; }

void shuffle(OpenVector<int>& order, int n) {
  order.resize(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) order[static_cast<std::size_t>(i)] = i;
  if (settings().seed == 0) return;
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[next_random() % i]);
}

Thread& thread_of(int id) { return machine.threads[static_cast<std::size_t>(id)]; }

void* race_fiber_of(int id) {
  if (!kFindsRaces) return nullptr;
  if (machine.race_fibers.empty()) {
    for (int k = 0; k < kRaceFibers; ++k) machine.race_fibers.push_back(new_race_fiber());
  }
  return machine.race_fibers[(machine.first_race_fiber + static_cast<std::uint64_t>(id)) % kRaceFibers];
}

void become(int id) {
  machine.running = id;
  const unsigned k = static_cast<unsigned>(id);
  threadIdx = {k % blockDim.x, k / blockDim.x % blockDim.y, k / (blockDim.x * blockDim.y)};
  thread_of(id).state = State::running;
  run_as(race_fiber_of(id));
}

/// Gives the machine to the others until somebody makes this thread ready.
void wait() {
  const int id = machine.running;
  run_as(machine.host_fiber);
  thread_of(id).runner->fiber.leave();
  become(id);
}

void make_ready(int id) {
  thread_of(id).state = State::ready;
  if (id != machine.running) machine.ready.push_back(id);
}

void open_barrier() {
  machine.n_at_barrier = 0;
  ++machine.barriers_passed;
  for (int id = 0; id < machine.n_threads; ++id) {
    if (thread_of(id).state == State::at_barrier) make_ready(id);
  }
}

/// Threads that have ended do not hold up the others.
bool is_barrier_full() {
  return machine.n_at_barrier > 0 && machine.n_at_barrier + machine.n_exited == machine.n_threads;
}

void run_thread(Runner& runner) {
  become(runner.thread);
  thread_of(runner.thread).runner = &runner;
  acquire(&machine.launched);
  machine.launch->run_thread(*machine.launch);
  release(&machine.finished);
  run_as(machine.host_fiber);
  machine.running = -1;
  thread_of(runner.thread).state = State::exited;
  ++machine.n_exited;
  if (is_barrier_full()) open_barrier();
}

void run_threads(void* self) {
  Runner& runner = *static_cast<Runner*>(self);
  for (;;) {
    run_thread(runner);
    // What one thread leaves on a stack would look to the race detector like a race with the next one there.
    if (kFindsRaces || machine.next == machine.n_threads || !machine.ready.empty()) {
      machine.idle.push_back(&runner);
      runner.fiber.leave();
      continue;
    }
    runner.thread = machine.order[static_cast<std::size_t>(machine.next++)];
  }
}

Runner& idle_runner() {
  if (machine.idle.empty()) return *new (std::malloc(sizeof(Runner))) Runner(run_threads);
  Runner& runner = *machine.idle.back();
  machine.idle.pop_back();
  if (kFindsRaces) runner.fiber.restart(run_threads, &runner);
  return runner;
}

[[noreturn]] void report_standstill() {
  for (int id = 0; id < machine.n_threads; ++id) {
    const Thread& thread = thread_of(id);
    if (thread.state == State::at_barrier) {
      std::fprintf(stderr, "  thread %d waits in __syncthreads() of %s:%d\n", id, machine.barrier_file,
                   machine.barrier_line);
    } else if (thread.state == State::in_warp) {
      std::fprintf(stderr, "  thread %d waits for lanes %08x of its warp\n", id, thread.mask);
    }
  }
  fail("the threads of a block wait for each other (%d of %d have ended)", machine.n_exited, machine.n_threads);
}

void make_dynamic_shared() {
  const std::size_t bytes = machine.launch->shape.shared_bytes;
  if (bytes == 0) return;
  machine.dynamic_shared = std::aligned_alloc(16, (bytes + 15) / 16 * 16);
  fill_unknown(machine.dynamic_shared, bytes);
}

void free_discarded() {
  for (void* const data : machine.discarded) std::free(data);
  machine.discarded.clear();
}

/// The race detector takes giving memory back for a write: it has to wait until all threads of the launch are known to
/// have ended.
void discard_shared() {
  for (const SharedArray& array : machine.shared) machine.discarded.push_back(array.data);
  machine.shared.clear();
  machine.discarded.push_back(machine.dynamic_shared);
  machine.dynamic_shared = nullptr;
  if (!kFindsRaces) free_discarded();
}

void run_block(int block) {
  const unsigned k = static_cast<unsigned>(block);
  blockIdx = {k % gridDim.x, k / gridDim.x % gridDim.y, k / (gridDim.x * gridDim.y)};
  machine.threads.assign(static_cast<std::size_t>(machine.n_threads), Thread{});
  machine.waiting_lanes.assign(machine.threads.size() / kWarp + 1, 0);
  machine.next = machine.n_exited = machine.n_at_barrier = 0;
  shuffle(machine.order, machine.n_threads);
  make_dynamic_shared();
  while (machine.n_exited < machine.n_threads) {
    // Memory that the host has touched since, a stack or the shared memory, is not raced for by the block's threads.
    release(&machine.launched);
    Runner* runner = nullptr;
    if (!machine.ready.empty()) {
      const std::size_t k = settings().seed == 0 ? 0 : next_random() % machine.ready.size();
      runner = thread_of(machine.ready[k]).runner;
      machine.ready.erase(machine.ready.begin() + static_cast<std::ptrdiff_t>(k));
    } else if (machine.next < machine.n_threads) {
      runner = &idle_runner();
      runner->thread = machine.order[static_cast<std::size_t>(machine.next++)];
    } else {
      report_standstill();
    }
    runner->fiber.enter();
  }
  discard_shared();
  machine.first_race_fiber += static_cast<std::uint64_t>(machine.n_threads);
}

/// Lanes of which it is certain that they do not come.
void refuse_absent_lanes(int first, unsigned mask) {
  for (int lane = 0; lane < kWarp; ++lane) {
    if (((mask >> lane) & 1U) == 0) continue;
    if (first + lane >= machine.n_threads) fail("the mask %08x names a thread that the block does not have", mask);
    if (thread_of(first + lane).state == State::exited)
      fail("the mask %08x names lane %d, which has ended", mask, lane);
  }
}

/// Comes to a call of the warp and leaves it with everybody else.
Thread& meet(WarpCall call, unsigned mask, std::uint64_t bits, int lane_mask) {
  const int id = machine.running;
  if (id < 0) fail("a call for the threads of a warp outside of a launch");
  const int first = id / kWarp * kWarp;
  if (((mask >> (id - first)) & 1U) == 0) fail("the mask %08x does not name the thread that brings it", mask);
  Thread& self = thread_of(id);
  self.call = call;
  self.mask = mask;
  self.bits = bits;
  self.lane_mask = lane_mask;
  self.state = State::in_warp;
  unsigned& waiting = machine.waiting_lanes[static_cast<std::size_t>(id / kWarp)];
  waiting |= 1U << (id - first);
  if ((waiting & mask) != mask) {
    refuse_absent_lanes(first, mask);
    wait();
    return self;
  }
  for (int lane = 0; lane < kWarp; ++lane) {
    if (((mask >> lane) & 1U) == 0) continue;
    const Thread& other = thread_of(first + lane);
    if (other.mask != mask || other.call != call)
      fail("lanes %d and %d of a warp wait for each other in different calls or with different masks, %08x and %08x",
           id - first, lane, mask, other.mask);
  }
  waiting &= ~mask;
  std::uint64_t brought[kWarp] = {};
  std::uint64_t votes = 0;
  for (int lane = 0; lane < kWarp; ++lane) {
    if (((mask >> lane) & 1U) == 0) continue;
    brought[lane] = thread_of(first + lane).bits;
    votes |= (brought[lane] & 1U) << lane;
  }
  for (int lane = 0; lane < kWarp; ++lane) {
    if (((mask >> lane) & 1U) == 0) continue;
    Thread& other = thread_of(first + lane);
    const int source = lane ^ other.lane_mask;
    if (call == WarpCall::exchange && (source >= kWarp || ((mask >> source) & 1U) == 0))
      fail("lane %d asks lane %d, which the mask %08x does not name", lane, source, mask);
    other.bits = call == WarpCall::vote ? votes : brought[source];
    make_ready(first + lane);
  }
  self.state = State::running;
  return self;
}

}  // namespace

void wait_at_barrier(const char* file, int line) {
  if (machine.running < 0) fail("__syncthreads() outside of a launch");
  const unsigned parity = machine.barriers_passed % 2;
  if (machine.n_at_barrier == 0) {
    machine.barrier_file = file;
    machine.barrier_line = line;
  }
  if (machine.barrier_line != line || std::strcmp(machine.barrier_file, file) != 0)
    fail("threads of a block wait in different __syncthreads(): %s:%d and %s:%d", machine.barrier_file,
         machine.barrier_line, file, line);
  release(&machine.barrier_of[parity]);
  thread_of(machine.running).state = State::at_barrier;
  ++machine.n_at_barrier;
  if (is_barrier_full()) {
    open_barrier();
    thread_of(machine.running).state = State::running;
  } else {
    wait();
  }
  acquire(&machine.barrier_of[parity]);
}

std::uint64_t exchange_in_warp(unsigned mask, std::uint64_t bits, int lane_mask) {
  return meet(WarpCall::exchange, mask, bits, lane_mask).bits;
}

unsigned vote_in_warp(unsigned mask, bool flag) {
  return static_cast<unsigned>(meet(WarpCall::vote, mask, flag ? 1 : 0, 0).bits);
}

void* shared_array(const void* place, std::size_t bytes, const char* name) {
  if (machine.running < 0) fail("shared memory outside of a launch");
  void* data = nullptr;
  std::size_t taken = machine.launch->shape.shared_bytes;
  for (const SharedArray& array : machine.shared) {
    if (array.place == place) data = array.data;
    taken += array.bytes;
  }
  if (data == nullptr) {
    if (taken + bytes > kMostSharedBytes || taken + bytes - machine.launch->shape.shared_bytes > kPlainSharedBytes)
      fail("%zu bytes of shared memory with %s: more than a block has", taken + bytes, name);
    run_as(machine.host_fiber);  // to the race detector the array is there before any thread is
    data = std::aligned_alloc(16, (bytes + 15) / 16 * 16);
    fill_unknown(data, bytes);
    machine.shared.push_back({place, data, bytes});
    release(&machine.shared_made);
    run_as(race_fiber_of(machine.running));
  }
  acquire(&machine.shared_made);
  return data;
}

void* dynamic_shared_memory() { return machine.dynamic_shared; }

void execute(const LaunchRecord& record) {
  machine.launch = &record;
  machine.host_fiber = current_race_fiber();
  gridDim = record.shape.grid;
  blockDim = record.shape.block;
  machine.n_threads = static_cast<int>(volume(blockDim));
  machine.ready.reserve(kMostThreads);  // nobody's memory but the host's, to the race detector
  shuffle(machine.block_order, static_cast<int>(volume(gridDim)));
  for (const int block : machine.block_order) run_block(block);
  acquire(&machine.finished);
  free_discarded();
  machine.launch = nullptr;
}

const char* describe_position() {
  static char text[2048];
  if (machine.launch == nullptr) return "";
  int length = 0;
  if (machine.running >= 0) {
    length = std::snprintf(text, sizeof text, ", in thread (%u, %u, %u)", threadIdx.x, threadIdx.y, threadIdx.z);
  }
  std::snprintf(text + length, sizeof text - static_cast<std::size_t>(length),
                "%s block (%u, %u, %u) of a grid of (%u, %u, %u), %u threads each, of %s", length > 0 ? " of" : ", in",
                blockIdx.x, blockIdx.y, blockIdx.z, gridDim.x, gridDim.y, gridDim.z, volume(blockDim),
                machine.launch->signature);
  return text;
}

bool is_executing() { return machine.running >= 0; }

}  // namespace mofkernel::emulation
