#include "potentials/uff4mof/cluster_tree.hpp"

#include <algorithm>
#include <numeric>

#include "backend/threads.hpp"

namespace mofkernel::cpu {

namespace {

/// A split may lie this far from the middle, as a share of the half: a wide gap nearby makes smaller clusters (the pair
/// loops of MOF-5 then look at 1.54 instead of 1.67 pairs for each one inside the cutoff).
constexpr double kWindow = 0.6;

/// Larger parts are halved: sorting them would cost more than the gap is worth.
constexpr int kLargestSortedPart = 512;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

}  // namespace

void Box::include(const double* point) {
  for (std::size_t a = 0; a < 3; ++a) {
    low[a] = std::min(low[a], point[a]);
    high[a] = std::max(high[a], point[a]);
  }
}

void Box::include(const Box& other) {
  include(other.low.data());
  include(other.high.data());
}

Box Box::moved_by(const double* shift) const {
  Box moved = *this;
  for (std::size_t a = 0; a < 3; ++a) {
    moved.low[a] += shift[a];
    moved.high[a] += shift[a];
  }
  return moved;
}

ClusterTree::ClusterTree(std::span<const double> positions, int cluster_size, int n_threads)
    : size_(cluster_size),
      n_clusters_((static_cast<int>(positions.size() / 3) + size_ - 1) / size_),
      order_(positions.size() / 3),
      boxes_(index(n_clusters_)),
      nodes_(2 * index(n_clusters_) - 1) {
  std::iota(order_.begin(), order_.end(), 0);
  Sorted sorted(order_.size());
  std::vector<Part> parts{{0, 0, n_clusters_}};
  while (parts.size() < index(n_threads)) {
    std::vector<Part> children;
    for (const Part& part : parts) {
      const auto two = add_node(positions, part, sorted);
      if (two) children.insert(children.end(), two->begin(), two->end());
    }
    parts = std::move(children);
    if (parts.empty()) return;
  }
  on_threads(n_threads, [&](int thread, int n) {
    const auto [first, last] = share(static_cast<int>(parts.size()), thread, n);
    for (int k = first; k < last; ++k) add_tree(positions, parts[index(k)], sorted);
  });
}

std::pair<std::size_t, std::size_t> ClusterTree::atoms_of(const Part& part) const {
  return {index(part.first_cluster * size_), std::min(order_.size(), index(part.last_cluster * size_))};
}

void ClusterTree::add_tree(std::span<const double> positions, const Part& part, Sorted& sorted) {
  const auto children = add_node(positions, part, sorted);
  if (!children) return;
  for (const Part& child : *children) add_tree(positions, child, sorted);
}

std::optional<std::array<ClusterTree::Part, 2>> ClusterTree::add_node(std::span<const double> positions,
                                                                      const Part& part, Sorted& sorted) {
  Box box;
  const auto [first, last] = atoms_of(part);
  for (std::size_t k = first; k < last; ++k) box.include(positions.data() + 3 * index(order_[k]));
  const int n_clusters = part.last_cluster - part.first_cluster;
  nodes_[part.node] = {box, part.first_cluster, part.last_cluster, part.node + 2 * index(n_clusters) - 1};
  if (n_clusters == 1) {
    boxes_[index(part.first_cluster)] = box;
    return std::nullopt;
  }
  const int middle = split(positions, box, part, sorted);
  return {{{{part.node + 1, part.first_cluster, middle},
            {part.node + 2 * index(middle - part.first_cluster), middle, part.last_cluster}}}};
}

/// Sorts the atoms of these clusters into two parts along the longest side; the first cluster of the second part.
int ClusterTree::split(std::span<const double> positions, const Box& box, const Part& part, Sorted& sorted) {
  std::size_t axis = 0;
  for (std::size_t a = 1; a < 3; ++a) {
    if (box.high[a] - box.low[a] > box.high[axis] - box.low[axis]) axis = a;
  }
  const auto [first, last] = atoms_of(part);
  for (std::size_t k = first; k < last; ++k) sorted[k] = {positions[3 * index(order_[k]) + axis], order_[k]};
  const auto begin = sorted.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(last);
  const int n_clusters = part.last_cluster - part.first_cluster;
  int n_left = (n_clusters + 1) / 2;
  if (last - first > index(kLargestSortedPart)) {
    std::nth_element(begin, begin + static_cast<std::ptrdiff_t>(n_left) * size_, end);
  } else {
    std::sort(begin, end);
    const int half_window = static_cast<int>(kWindow * n_clusters / 2 + 0.5);
    double widest = -1;
    for (int k = std::max(1, n_clusters / 2 - half_window);
         k <= std::min(n_clusters - 1, (n_clusters + 1) / 2 + half_window); ++k) {
      const auto right = begin + static_cast<std::ptrdiff_t>(k) * size_;
      const double gap = right->first - (right - 1)->first;
      if (gap <= widest) continue;
      widest = gap;
      n_left = k;
    }
  }
  for (std::size_t k = first; k < last; ++k) order_[k] = sorted[k].second;
  return part.first_cluster + n_left;
}

}  // namespace mofkernel::cpu
