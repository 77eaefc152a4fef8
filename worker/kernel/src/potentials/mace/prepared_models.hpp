// Prepared models stay on their device between requests.
#pragma once

#include <algorithm>
#include <list>
#include <memory>
#include <span>
#include <tuple>

#include "potentials/mace/prepared.hpp"

namespace mofkernel::MOFK_NS::mace {

/// Of one device; the few used last are kept. Goes before its context.
class PreparedModels {
 public:
  /// The model for `elements`, by their indices in it, ascending.
  template <class T>
  std::shared_ptr<const PreparedModel<T>> prepare(const Context& context,
                                                  const std::shared_ptr<const mofkernel::mace::Model>& model, int head,
                                                  std::span<const int> elements) {
    auto& kept = std::get<Kept<T>>(kept_);
    const auto found = std::find_if(kept.begin(), kept.end(), [&](const auto& one) {
      return one->model == model && one->head == head && std::ranges::equal(one->elements, elements);
    });
    if (found != kept.end()) {
      kept.splice(kept.begin(), kept, found);
      return kept.front();
    }
    // Room is made first: a large model need not lie there twice.
    if (kept.size() == kMostKept) kept.pop_back();
    kept.push_front(std::make_shared<const PreparedModel<T>>(context, model, head, elements));
    return kept.front();
  }

 private:
  static constexpr std::size_t kMostKept = 2;
  template <class T>
  using Kept = std::list<std::shared_ptr<const PreparedModel<T>>>;

  std::tuple<Kept<float>, Kept<double>> kept_;
};

}  // namespace mofkernel::MOFK_NS::mace
