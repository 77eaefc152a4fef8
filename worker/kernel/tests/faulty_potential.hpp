// A real potential with faults: forces that stop being finite, lists that run over, structures that are refused.
#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

class Faulty final : public Potential {
 public:
  Faulty(const Context& context, std::unique_ptr<Potential> inner) : context_(context), inner_(std::move(inner)) {}

  std::function<bool(int)> overflows = [](int) { return false; };    ///< is the n-th confirmation refused?
  std::function<bool(int)> is_poisoned = [](int) { return false; };  ///< is the n-th evaluation's first force NaN?
  double farthest_A = std::numeric_limits<double>::infinity();       ///< a first atom beyond is refused

  void evaluate(const Batch& batch, EvaluateWant want, DeviceEvaluation& out) override {
    if (std::abs(batch.positions.to_host()[0]) > farthest_A) throw KernelError(ErrorCode::bad_structure, "refused");
    inner_->evaluate(batch, want, out);
    const bool is_void = overflows(n_confirmations_);
    if (!is_void && !is_poisoned(n_evaluations_++)) return;
    std::vector<double> forces = out.forces.to_host();
    forces[0] = is_void ? 1e3 : std::numeric_limits<double>::quiet_NaN();
    out.forces.upload(forces);
  }
  [[nodiscard]] bool confirm() override {
    const bool is_void = overflows(n_confirmations_++);
    return inner_->confirm() && !is_void;
  }
  [[nodiscard]] std::vector<ListReference> list_references() const override { return inner_->list_references(); }
  void restore_lists(const Batch& batch, std::span<const ListReference> references) override {
    inner_->restore_lists(batch, references);
  }
  [[nodiscard]] std::span<const std::string> component_names() const override { return inner_->component_names(); }

 private:
  const Context& context_;
  std::unique_ptr<Potential> inner_;
  int n_confirmations_ = 0;
  int n_evaluations_ = 0;
};

}  // namespace mofkernel::MOFK_NS
