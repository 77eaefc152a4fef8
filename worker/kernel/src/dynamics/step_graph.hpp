// Replays the launches of a step as one CUDA graph where that can be done; on the CPU it only calls.
#pragma once

#include <functional>

#include "backend/backend.hpp"

namespace mofkernel::MOFK_NS {

class StepGraph {
 public:
  explicit StepGraph(const Context& context) : context_(context) {}
  ~StepGraph() { forget(); }
  StepGraph(const StepGraph&) = delete;
  StepGraph& operator=(const StepGraph&) = delete;

  /// Does what `queue` queues, which must be the same launches on the same buffers each time until forget(). It is
  /// captured at the first call; when the driver refuses (because the host has a part in it), it is called instead,
  /// now and later.
  void run(const std::function<void()>& queue);
  /// The buffers may have moved: the next run() captures anew.
  void forget() noexcept;

 private:
  const Context& context_;
#ifdef __CUDACC__
  bool capture(const std::function<void()>& queue);
  bool is_refused_ = false;
  cudaGraphExec_t executable_ = nullptr;
#endif
};

}  // namespace mofkernel::MOFK_NS
