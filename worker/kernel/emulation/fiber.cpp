#include "fiber.hpp"

#include <cstdint>
#include <cstdlib>
#include <sys/mman.h>

#include "report.hpp"
#include "sanitizers.hpp"

#if !defined(__x86_64__)
#error "the emulated device switches stacks with the instructions of x86-64; write fiber_switch for this processor"
#endif

// Saves what a call has to keep, changes the stack, and restores the same from there. swapcontext() would ask the
// system for the signal mask at every switch: 530 ns instead of 3 on the machine where this was chosen.
extern "C" void mofk_fiber_switch(void** from, void* to);
asm(R"(
.text
.type mofk_fiber_switch, @function
mofk_fiber_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size mofk_fiber_switch, .-mofk_fiber_switch

.type mofk_fiber_start, @function
mofk_fiber_start:
  movq %r12, %rdi
  call *%rbx
  ud2
.size mofk_fiber_start, .-mofk_fiber_start
)");
extern "C" void mofk_fiber_start();

namespace mofkernel::emulation {

namespace {

constexpr std::size_t kStackBytes = 256 * 1024;
constexpr std::size_t kGuardBytes = 4096;

/// What mofk_fiber_switch pops for a fiber that has not run yet.
struct FirstFrame {
  std::uint64_t r15, r14, r13, r12, rbx, rbp;
  void (*return_to)();
};

}  // namespace

Fiber::Fiber(void (*entry)(void*), void* argument) {
  stack_ = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (stack_ == MAP_FAILED) fail("no memory for the stack of an emulated thread");
  prepare(entry, argument);
}

Fiber::~Fiber() { munmap(stack_, kStackBytes); }

void Fiber::restart(void (*entry)(void*), void* argument) {
  mmap(stack_, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  prepare(entry, argument);
}

void Fiber::prepare(void (*entry)(void*), void* argument) {
  mprotect(stack_, kGuardBytes, PROT_NONE);
  entry_ = entry;
  argument_ = argument;
  // The stack is aligned to 16 bytes where mofk_fiber_start makes its call.
  char* const top = static_cast<char*>(stack_) + kStackBytes - 64;
  auto* const frame = reinterpret_cast<FirstFrame*>(top - sizeof(FirstFrame));
  void (*const begin)(Fiber*) = &Fiber::begin;
  *frame = {
      0, 0, 0, reinterpret_cast<std::uint64_t>(this), reinterpret_cast<std::uint64_t>(begin), 0, mofk_fiber_start};
  place_ = frame;
}

void Fiber::begin(Fiber* self) {
  arrive_on_fiber(nullptr, self->host_stack_, self->host_stack_bytes_);
  self->entry_(self->argument_);
}

void Fiber::enter() {
  void* kept = nullptr;
  depart(&kept, stack_, kStackBytes);
  mofk_fiber_switch(&place_of_host_, place_);
  arrive_on_host(kept);
}

void Fiber::leave() {
  depart(&kept_for_fiber_, host_stack_, host_stack_bytes_);
  mofk_fiber_switch(&place_, place_of_host_);
  arrive_on_fiber(kept_for_fiber_, host_stack_, host_stack_bytes_);
}

}  // namespace mofkernel::emulation
