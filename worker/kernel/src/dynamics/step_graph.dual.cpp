#include "dynamics/step_graph.hpp"

namespace mofkernel::MOFK_NS {

#ifdef __CUDACC__

void StepGraph::run(const std::function<void()>& queue) {
  if (!is_refused_ && executable_ == nullptr) is_refused_ = !capture(queue);
  if (is_refused_) {
    queue();
  } else {
    CUDA_TRY(cudaGraphLaunch(executable_, context_.stream()));
  }
}

/// A step that cannot be captured ends in an error of the capture, not of the step: nothing has been done yet.
bool StepGraph::capture(const std::function<void()>& queue) {
  if (cudaStreamBeginCapture(context_.stream(), cudaStreamCaptureModeThreadLocal) != cudaSuccess) {
    cudaGetLastError();
    return false;
  }
  bool is_queued = true;
  try {
    queue();
  } catch (const KernelError&) {
    is_queued = false;
  }
  cudaGraph_t graph = nullptr;
  const bool is_captured = cudaStreamEndCapture(context_.stream(), &graph) == cudaSuccess && graph != nullptr;
  const bool is_ready = is_queued && is_captured && cudaGraphInstantiate(&executable_, graph, 0) == cudaSuccess;
  if (graph != nullptr) cudaGraphDestroy(graph);
  if (!is_ready) {
    executable_ = nullptr;
    cudaGetLastError();
  }
  return is_ready;
}

void StepGraph::forget() noexcept {
  if (executable_ != nullptr) cudaGraphExecDestroy(executable_);
  executable_ = nullptr;
}

#else

void StepGraph::run(const std::function<void()>& queue) { queue(); }

void StepGraph::forget() noexcept {}

#endif

}  // namespace mofkernel::MOFK_NS
