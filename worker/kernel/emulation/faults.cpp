#include "faults.hpp"

#include <cstdlib>
#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "device_memory.hpp"
#include "execution.hpp"
#include "host_heap.hpp"
#include "report.hpp"
#include "sanitizers.hpp"

namespace mofkernel::emulation {

namespace {

pthread_t kernel_thread;

void on_fault(int signal, siginfo_t* what, void*) {
  const bool is_device_code = is_executing() && pthread_equal(pthread_self(), kernel_thread) != 0;
  if (is_host_heap(what->si_addr)) {
    if (is_device_code) fail("device code touches the host's memory at %p", what->si_addr);
    while (!is_host_heap_open()) sched_yield();  // another thread of the host: it may go on after the kernel
    return;
  }
  if (is_device_code) fail("bad access at %p: %s", what->si_addr, describe_device_address(what->si_addr));
  if (is_device_memory(what->si_addr))
    fail("host code touches device memory at %p: %s", what->si_addr, describe_device_address(what->si_addr));
  ::signal(signal, SIG_DFL);
}

/// A stack for the handler, because an overflown one cannot take it.
void give_handler_a_stack() {
  constexpr std::size_t kBytes = 64 * 1024;
  thread_local bool has_stack = false;
  if (has_stack) return;
  has_stack = true;
  stack_t stack = {};
  stack.ss_sp = std::malloc(kBytes);
  stack.ss_size = kBytes;
  sigaltstack(&stack, nullptr);
}

}  // namespace

void watch_for_faults() {
  if (kFindsRaces || kChecksAddresses) return;  // the sanitizers report faults themselves, with their stack
  kernel_thread = pthread_self();
  give_handler_a_stack();
  static bool is_watching = false;
  if (is_watching) return;
  is_watching = true;
  struct sigaction action = {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGSEGV, &action, nullptr);
  sigaction(SIGBUS, &action, nullptr);
}

}  // namespace mofkernel::emulation
