#include "potentials/uff4mof/rings.hpp"

#include <algorithm>
#include <cstddef>
#include <unordered_map>

namespace mofkernel::uff4mof {
namespace {

struct SiteHash {
  std::size_t operator()(const Site& site) const {
    std::size_t hash = static_cast<std::uint32_t>(site.atom);
    for (const std::int32_t component : site.shift)
      hash = hash * 1000003U + static_cast<std::uint32_t>(component + 512);
    return hash;
  }
};

class RingFinder {
 public:
  RingFinder(const BondGraph& graph, std::int32_t bond, const RingSearch& search)
      : graph_(graph), search_(search), bond_(graph.bonds()[static_cast<std::size_t>(bond)]), bond_index_(bond) {}

  std::vector<std::vector<Site>> find() {
    const int shortest = measure_distances();
    if (shortest == 0) return {};
    chain_.push_back(start());
    extend(shortest + search_.extra_atoms);
    if (static_cast<int>(rings_.size()) > search_.most_rings) rings_.clear();
    return std::move(rings_);
  }

 private:
  [[nodiscard]] Site start() const { return {bond_.i, {0, 0, 0}}; }
  [[nodiscard]] Site goal() const { return {bond_.j, bond_.shift}; }

  [[nodiscard]] bool is_the_bond(const Site& from, const Neighbor& step) const {
    if (step.bond != bond_index_) return false;
    const Site to{step.atom, from.shift + step.shift};
    return (from == start() && to == goal()) || (from == goal() && to == start());
  }

  /// Breadth first from the goal; returns the number of atoms of the shortest ring, 0 when there is none of allowed
  /// size.
  int measure_distances() {
    std::vector<Site> front{goal()};
    steps_to_goal_[goal()] = 0;
    int shortest = 0;
    for (int steps = 1; !front.empty(); ++steps) {
      const int largest =
          (shortest == 0 ? search_.largest_shortest : shortest) + (shortest == 0 ? 0 : search_.extra_atoms);
      if (steps + 1 > largest) break;
      std::vector<Site> next;
      for (const Site& site : front) {
        for (const Neighbor& neighbor : graph_.neighbors(site.atom)) {
          const Site to{neighbor.atom, site.shift + neighbor.shift};
          if (is_the_bond(site, neighbor) || !steps_to_goal_.try_emplace(to, steps).second) continue;
          if (to == start()) shortest = steps + 1;
          next.push_back(to);
        }
      }
      front = std::move(next);
    }
    return shortest;
  }

  /// Depth first from the end of the chain, only through sites from which the goal can still be reached in time.
  void extend(int most_atoms) {
    if (static_cast<int>(rings_.size()) > search_.most_rings) return;
    const Site last = chain_.back();
    if (last == goal()) {
      rings_.push_back(chain_);
      return;
    }
    for (const Neighbor& neighbor : graph_.neighbors(last.atom)) {
      const Site to{neighbor.atom, last.shift + neighbor.shift};
      if (is_the_bond(last, neighbor)) continue;
      const auto found = steps_to_goal_.find(to);
      if (found == steps_to_goal_.end() || static_cast<int>(chain_.size()) + 1 + found->second > most_atoms) continue;
      if (std::find(chain_.begin(), chain_.end(), to) != chain_.end()) continue;
      chain_.push_back(to);
      extend(most_atoms);
      chain_.pop_back();
    }
  }

  const BondGraph& graph_;
  RingSearch search_;
  GraphBond bond_;
  std::int32_t bond_index_;
  std::unordered_map<Site, int, SiteHash> steps_to_goal_;
  std::vector<Site> chain_;
  std::vector<std::vector<Site>> rings_;
};

}  // namespace

std::vector<std::vector<Site>> rings_through_bond(const BondGraph& graph, std::int32_t bond, const RingSearch& search) {
  return RingFinder(graph, bond, search).find();
}

}  // namespace mofkernel::uff4mof
