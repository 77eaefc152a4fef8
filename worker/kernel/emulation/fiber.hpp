// Stacks between which one host thread switches by itself.
#pragma once

namespace mofkernel::emulation {

/// A stack with the place where its code stopped. It runs `entry(argument)`, which never returns.
class Fiber {
 public:
  Fiber(void (*entry)(void*), void* argument);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Begins anew on a stack that nobody has touched; the fiber is not running.
  void restart(void (*entry)(void*), void* argument);
  /// Goes on with the fiber until it calls leave().
  void enter();
  /// Called on the fiber: goes back to where enter() was called.
  void leave();

 private:
  void prepare(void (*entry)(void*), void* argument);
  static void begin(Fiber* self);

  void* stack_;
  void (*entry_)(void*) = nullptr;
  void* argument_ = nullptr;
  void* place_ = nullptr;          ///< stack pointer of the fiber while it waits
  void* place_of_host_ = nullptr;  ///< and of its host while it runs
  // What the address sanitizer wants to know about a switch: the host's stack, and what it keeps for each side.
  const void* host_stack_ = nullptr;
  unsigned long host_stack_bytes_ = 0;
  void* kept_for_fiber_ = nullptr;
};

}  // namespace mofkernel::emulation
