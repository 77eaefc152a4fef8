#include "potentials/uff4mof/cluster_tree.hpp"

#include <algorithm>
#include <numeric>

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

double Box::squared_distance(const Box& other, const double* shift) const {
  double sum = 0;
  for (std::size_t a = 0; a < 3; ++a) {
    const double below = low[a] - (other.high[a] + shift[a]);
    const double above = (other.low[a] + shift[a]) - high[a];
    const double gap = std::max(0.0, std::max(below, above));
    sum += gap * gap;
  }
  return sum;
}

ClusterTree::ClusterTree(std::span<const double> positions, int cluster_size)
    : size_(cluster_size), order_(positions.size() / 3) {
  std::iota(order_.begin(), order_.end(), 0);
  const int n_clusters = (static_cast<int>(order_.size()) + size_ - 1) / size_;
  boxes_.resize(index(n_clusters));
  nodes_.reserve(2 * index(n_clusters));
  sorted_.resize(order_.size());
  add_node(positions, 0, n_clusters);
}

std::size_t ClusterTree::add_node(std::span<const double> positions, int first_cluster, int last_cluster) {
  const std::size_t at = nodes_.size();
  Box box;
  const auto last_atom = std::min(order_.size(), index(last_cluster * size_));
  for (std::size_t k = index(first_cluster * size_); k < last_atom; ++k)
    box.include(positions.data() + 3 * index(order_[k]));
  nodes_.push_back({box, first_cluster, last_cluster, 0});
  if (last_cluster - first_cluster == 1) {
    boxes_[index(first_cluster)] = box;
  } else {
    const int middle = split(positions, box, first_cluster, last_cluster);
    add_node(positions, first_cluster, middle);
    add_node(positions, middle, last_cluster);
  }
  nodes_[at].next = nodes_.size();
  return at;
}

/// Sorts the atoms of these clusters into two parts along the longest side; the first cluster of the second part.
int ClusterTree::split(std::span<const double> positions, const Box& box, int first_cluster, int last_cluster) {
  std::size_t axis = 0;
  for (std::size_t a = 1; a < 3; ++a) {
    if (box.high[a] - box.low[a] > box.high[axis] - box.low[axis]) axis = a;
  }
  const std::size_t first = index(first_cluster * size_);
  const std::size_t n = std::min(order_.size(), index(last_cluster * size_)) - first;
  for (std::size_t k = 0; k < n; ++k) {
    const int atom = order_[first + k];
    sorted_[k] = {positions[3 * index(atom) + axis], atom};
  }
  const auto begin = sorted_.begin();
  const auto end = begin + static_cast<std::ptrdiff_t>(n);
  const int n_clusters = last_cluster - first_cluster;
  int n_left = (n_clusters + 1) / 2;
  if (n > index(kLargestSortedPart)) {
    std::nth_element(begin, begin + static_cast<std::ptrdiff_t>(n_left) * size_, end);
  } else {
    std::sort(begin, end);
    const int half_window = static_cast<int>(kWindow * n_clusters / 2 + 0.5);
    double widest = -1;
    for (int k = std::max(1, n_clusters / 2 - half_window);
         k <= std::min(n_clusters - 1, (n_clusters + 1) / 2 + half_window); ++k) {
      const double gap = sorted_[index(k * size_)].first - sorted_[index(k * size_) - 1].first;
      if (gap <= widest) continue;
      widest = gap;
      n_left = k;
    }
  }
  for (std::size_t k = 0; k < n; ++k) order_[first + k] = sorted_[k].second;
  return first_cluster + n_left;
}

}  // namespace mofkernel::cpu
