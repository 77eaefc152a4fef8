#include "potentials/uff4mof/deck_bond_orders.hpp"

#include <algorithm>

#include "potentials/uff4mof/deck_rules.hpp"
#include "potentials/uff4mof/elements.hpp"

namespace mofkernel::uff4mof {
namespace {

using Atom = DeckGraph::Atom;
using Bond = DeckGraph::Bond;
using Link = DeckGraph::Link;

class OrderRules {
 public:
  explicit OrderRules(DeckGraph& graph) : graph_(graph) {}

  void assign() {
    for (Atom& atom : graph_.atoms) atom.hybridization = initial_hybridization(atom);
    for (Bond& bond : graph_.bonds) assign_order(bond);
    while (!unsaturated_.empty()) alternate_chains();
  }

 private:
  Atom& atom(std::int32_t index) { return graph_.atoms[static_cast<std::size_t>(index)]; }
  Bond& bond(std::int32_t index) { return graph_.bonds[static_cast<std::size_t>(index)]; }

  Hybridization initial_hybridization(const Atom& a) {
    if (a.is_in_aromatic_ring) return Hybridization::aromatic;
    switch (a.atomic_number) {
      case kCarbon:
        if (a.degree >= 4) return Hybridization::sp3;
        return a.degree == 3 ? Hybridization::sp2 : Hybridization::sp;
      case kNitrogen:
        if (a.degree >= 3 || a.degree == 0) return Hybridization::sp3;
        return a.degree == 2 ? Hybridization::sp2 : Hybridization::sp;
      case kOxygen: {
        if (a.degree == 0) return Hybridization::sp3;
        const bool has_only_metals = std::all_of(a.links.begin(), a.links.end(), [this](const Link& link) {
          return is_deck_metal(atom(link.atom).atomic_number);
        });
        return a.degree == 1 || has_only_metals ? Hybridization::sp2 : Hybridization::sp3;
      }
      case kSulfur:
        return a.degree == 1 ? Hybridization::sp2 : Hybridization::sp3;
      default:
        return Hybridization::sp3;
    }
  }

  void assign_order(Bond& b) {
    const Atom& first = atom(b.i);
    const Atom& second = atom(b.j);
    const Hybridization h_first = first.hybridization;
    const Hybridization h_second = second.hybridization;
    const bool is_aromatic =
        h_first == Hybridization::aromatic && h_second == Hybridization::aromatic && b.is_in_aromatic_ring;
    if (is_aromatic) b.order = 1.5;
    const auto joins = [&first, &second](int z_a, int z_b) {
      return (first.atomic_number == z_a && second.atomic_number == z_b) ||
             (first.atomic_number == z_b && second.atomic_number == z_a);
    };
    const bool first_is_carbon = first.atomic_number == kCarbon;
    const std::int32_t c = first_is_carbon ? b.i : b.j;
    const std::int32_t other = first_is_carbon ? b.j : b.i;
    if (joins(kCarbon, kOxygen)) {
      assign_carbon_oxygen(b, c, other);
    } else if (joins(kCarbon, kNitrogen) && !is_aromatic) {
      assign_carbon_nitrogen(b, c, other);
    } else if (!first.is_in_aromatic_ring && !second.is_in_aromatic_ring && is_deck_organic(first.atomic_number) &&
               is_deck_organic(second.atomic_number)) {
      if (h_first != h_second || (h_first != Hybridization::sp2 && h_first != Hybridization::sp)) return;
      b.order = h_first == Hybridization::sp2 ? 2.0 : 3.0;
      unsaturated_.push_back(b.i);
      unsaturated_.push_back(b.j);
    }
  }

  /// The first neighbor of that element other than `excluded`, or -1.
  std::int32_t neighbor_of_element(std::int32_t index, std::int32_t excluded, int atomic_number) {
    for (const Link& link : atom(index).links) {
      if (link.atom != excluded && atom(link.atom).atomic_number == atomic_number) return link.atom;
    }
    return -1;
  }

  bool has_only_organic_neighbors(std::int32_t index, std::int32_t excluded) {
    const auto& links = atom(index).links;
    return std::all_of(links.begin(), links.end(), [this, excluded](const Link& link) {
      return link.atom == excluded || is_deck_organic(atom(link.atom).atomic_number);
    });
  }

  bool has_other_neighbor(std::int32_t index, std::int32_t excluded) {
    const auto& links = atom(index).links;
    return std::any_of(links.begin(), links.end(), [excluded](const Link& link) { return link.atom != excluded; });
  }

  void set(Bond& b, std::int32_t c, std::int32_t o, Hybridization both, double order) {
    atom(c).hybridization = both;
    atom(o).hybridization = both;
    b.order = order;
  }

  void assign_carbon_oxygen(Bond& b, std::int32_t c, std::int32_t o) {
    const std::int32_t other_oxygen = neighbor_of_element(c, o, kOxygen);
    const std::int32_t amide_nitrogen = neighbor_of_element(c, o, kNitrogen);
    if (other_oxygen >= 0) {
      if (atom(other_oxygen).degree == 1) {
        if (atom(o).degree == 1) {  // carbon dioxide
          atom(c).hybridization = Hybridization::sp;
          atom(o).hybridization = Hybridization::sp2;
          b.order = 2.0;
        } else if (has_only_organic_neighbors(o, c)) {
          set(b, c, o, Hybridization::sp2, 1.0);  // ether side of an ester
        } else {
          set(b, c, o, Hybridization::aromatic, 1.5);
        }
      } else if (has_only_organic_neighbors(other_oxygen, -1) && !has_other_neighbor(o, c)) {
        set(b, c, o, Hybridization::sp2, 2.0);  // carbonyl side of an ester
      } else {
        set(b, c, o, Hybridization::aromatic, 1.5);
      }
    }
    if (amide_nitrogen >= 0 && atom(o).degree == 1) set(b, c, o, Hybridization::aromatic, 1.5);
    if (other_oxygen >= 0 || amide_nitrogen >= 0) return;
    if (has_other_neighbor(o, c)) {  // ether
      atom(o).hybridization = Hybridization::sp3;
      b.order = 1.0;
    } else if (atom(c).is_in_aromatic_ring && atom(c).hybridization == Hybridization::aromatic) {
      atom(o).hybridization = Hybridization::aromatic;
      b.order = 1.5;
    } else {  // carbonyl
      atom(o).hybridization = Hybridization::sp2;
      b.order = 2.0;
    }
  }

  void assign_carbon_nitrogen(Bond& b, std::int32_t c, std::int32_t n) {
    std::vector<Link> others;
    for (const Link& link : atom(n).links) {
      if (link.atom != c) others.push_back(link);
    }
    const auto are_all = [this, &others](int atomic_number) {
      return !others.empty() && std::all_of(others.begin(), others.end(), [this, atomic_number](const Link& link) {
        return atom(link.atom).atomic_number == atomic_number;
      });
    };
    if (atom(c).hybridization == Hybridization::aromatic && are_all(kHydrogen)) {
      b.order = 1.5;
      atom(n).hybridization = Hybridization::aromatic;
    } else if (atom(c).degree == 3 && others.size() >= 2) {
      if (neighbor_of_element(c, n, kOxygen) >= 0) {  // amide
        b.order = 1.5;
        atom(n).hybridization = Hybridization::aromatic;
      }
      if (are_all(kOxygen)) {  // nitro
        b.order = 1.0;
        atom(n).hybridization = Hybridization::aromatic;
        for (const Link& link : others) {
          bond(link.bond).order = 1.5;
          atom(link.atom).hybridization = Hybridization::aromatic;
        }
      }
    }
  }

  /// Takes the last atom of the work list, walks to an end of its molecule, and makes double and triple bonds alternate
  /// along every chain from there.
  void alternate_chains() {
    const std::int32_t origin = unsaturated_.back();
    unsaturated_.pop_back();
    for_each_chain(walk_to_end(origin), [this](const std::vector<std::int32_t>& chain) { alternate(chain); });
  }

  /// Breadth first up to a metal, an exhausted front or 500 steps; atoms passed leave the work list once. Returns the
  /// last atom.
  std::int32_t walk_to_end(std::int32_t origin) {
    constexpr int kMostSteps = 500;
    std::vector<bool> is_visited(graph_.atoms.size(), false);
    std::vector<std::int32_t> front;
    std::int32_t current = origin;
    std::int32_t last = origin;
    std::size_t next_in_front = 0;
    for (int step = 0;; ++step) {
      if (atom(current).atomic_number == kHydrogen || (step > 0 && current == origin)) return last;
      is_visited[static_cast<std::size_t>(current)] = true;
      for (const Link& link : atom(current).links) {
        if (is_visited[static_cast<std::size_t>(link.atom)] || atom(link.atom).atomic_number == kHydrogen) continue;
        front.push_back(link.atom);
      }
      last = current;
      const auto waiting = std::find(unsaturated_.begin(), unsaturated_.end(), current);
      if (waiting != unsaturated_.end()) unsaturated_.erase(waiting);
      const bool is_end =
          next_in_front == front.size() || is_deck_metal(atom(current).atomic_number) || step >= kMostSteps;
      if (is_end) return last;
      current = front[next_in_front++];
    }
  }

  /// Depth first over the heavy atoms; a chain is the path from the start to an atom without unvisited neighbors.
  template <typename Visit>
  void for_each_chain(std::int32_t start, Visit visit) {
    std::vector<bool> is_excluded(graph_.atoms.size(), false);
    std::vector<std::int32_t> path;
    std::int32_t current = start;
    while (true) {
      std::int32_t next = -1;
      for (const Link& link : atom(current).links) {
        if (!is_excluded[static_cast<std::size_t>(link.atom)] && atom(link.atom).atomic_number != kHydrogen) {
          next = link.atom;
          break;
        }
      }
      const auto c = static_cast<std::size_t>(current);
      if (next < 0 && is_excluded[c]) {
        if (path.empty()) return;
        current = path.back();
        path.pop_back();
        continue;
      }
      is_excluded[c] = true;
      path.push_back(current);
      if (next >= 0) {
        current = next;
        continue;
      }
      visit(path);
      path.pop_back();
    }
  }

  Bond& bond_between(std::int32_t a, std::int32_t b) {
    const auto& links = atom(a).links;
    const auto found = std::find_if(links.begin(), links.end(), [b](const Link& link) { return link.atom == b; });
    return bond(found->bond);
  }

  void alternate(const std::vector<std::int32_t>& chain) {
    const std::size_t n_bonds = chain.size() - 1;
    std::vector<double> orders(n_bonds);
    for (std::size_t k = 0; k < n_bonds; ++k) orders[k] = bond_between(chain[k], chain[k + 1]).order;
    for (std::size_t k = 0; k < n_bonds; ++k) {
      const Hybridization h = atom(chain[k]).hybridization;
      if (h != atom(chain[k + 1]).hybridization) continue;
      const bool is_first = k == 0;
      const bool is_last = !is_first && k + 1 == n_bonds;
      if (h == Hybridization::sp2) {
        if (is_first) {
          orders[k] = 2.0;
        } else if (is_last) {
          if (orders[k - 1] == 2.0 && orders[k] == 2.0 && is_terminal_carbonyl(chain[k], chain[k + 1])) {
            orders[k - 1] = orders[k] = 1.5;
          }
        } else if (orders[k - 1] == 2.0 && orders[k + 1] == 1.0) {
          orders[k - 1] = orders[k] = 1.5;
        } else if (orders[k - 1] == 2.0 && orders[k + 1] == 2.0) {
          orders[k] = 1.0;
        }
      } else if (h == Hybridization::sp && !is_first) {
        if (orders[k - 1] == 3.0 && (is_last || orders[k + 1] == 3.0)) orders[k] = 1.0;
      }
    }
    for (std::size_t k = 0; k < n_bonds; ++k) bond_between(chain[k], chain[k + 1]).order = orders[k];
  }

  bool is_terminal_carbonyl(std::int32_t a, std::int32_t b) {
    const bool a_is_oxygen = atom(a).atomic_number == kOxygen;
    const Atom& o = atom(a_is_oxygen ? a : b);
    const Atom& c = atom(a_is_oxygen ? b : a);
    return o.atomic_number == kOxygen && c.atomic_number == kCarbon && o.degree == 1;
  }

  DeckGraph& graph_;
  std::vector<std::int32_t> unsaturated_;  ///< work list with repeats, as the tool keeps it
};

}  // namespace

void assign_deck_bond_orders(DeckGraph& graph) { OrderRules(graph).assign(); }

}  // namespace mofkernel::uff4mof
