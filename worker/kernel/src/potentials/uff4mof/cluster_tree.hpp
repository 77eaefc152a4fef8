// Atoms of one structure in clusters of a few neighbors: the leaves of a k-d tree, which also finds the clusters near a
// cluster.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace mofkernel::cpu {

struct Box {
  std::array<double, 3> low{1e300, 1e300, 1e300};
  std::array<double, 3> high{-1e300, -1e300, -1e300};

  void include(const double* point);
  void include(const Box& other);
  [[nodiscard]] Box moved_by(const double* shift) const;
  /// Between the nearest points of this box and of `other`; A^2.
  [[nodiscard]] double squared_distance(const Box& other) const {
    double sum = 0;
    for (std::size_t a = 0; a < 3; ++a) {
      const double gap = std::max(0.0, std::max(low[a] - other.high[a], other.low[a] - high[a]));
      sum += gap * gap;
    }
    return sum;
  }
};

class ClusterTree {
 public:
  /// `positions` [n_atoms][3] A; `cluster_size` >= 1. All clusters are full but the last. The tree does not depend on
  /// the number of threads that make it.
  ClusterTree(std::span<const double> positions, int cluster_size, int n_threads);

  [[nodiscard]] int n_clusters() const { return n_clusters_; }
  /// [n_atoms] cluster after cluster.
  [[nodiscard]] std::span<const int> order() const { return order_; }
  [[nodiscard]] const Box& box(int cluster) const { return boxes_[static_cast<std::size_t>(cluster)]; }
  [[nodiscard]] const Box& box() const { return nodes_.front().box; }

  /// Calls visit(cluster), ascending, for the clusters from `first` on whose boxes are nearer to
  /// `box` than the reach.
  template <class Visit>
  void for_each_near(const Box& box, double reach_squared, int first, Visit visit) const {
    for (std::size_t n = 0; n < nodes_.size();) {
      const Node& node = nodes_[n];
      if (node.last_cluster <= first || box.squared_distance(node.box) >= reach_squared) {
        n = node.next;
        continue;
      }
      if (node.last_cluster - node.first_cluster == 1) visit(node.first_cluster);
      ++n;
    }
  }

 private:
  /// In the order of a walk that meets a node before its children: the left child follows its parent, the right one
  /// the 2 n - 1 nodes of a left child with n clusters.
  struct Node {
    Box box;
    int first_cluster, last_cluster;
    std::size_t next;  ///< node after all those inside this one
  };
  /// Clusters whose node is to be made.
  struct Part {
    std::size_t node;
    int first_cluster, last_cluster;
  };
  using Sorted = std::vector<std::pair<double, int>>;

  [[nodiscard]] std::pair<std::size_t, std::size_t> atoms_of(const Part& part) const;
  /// The children of a part; a single cluster has none.
  std::optional<std::array<Part, 2>> add_node(std::span<const double> positions, const Part& part, Sorted& sorted);
  void add_tree(std::span<const double> positions, const Part& part, Sorted& sorted);
  [[nodiscard]] int split(std::span<const double> positions, const Box& box, const Part& part, Sorted& sorted);

  int size_;
  int n_clusters_;
  std::vector<int> order_;
  std::vector<Box> boxes_;
  std::vector<Node> nodes_;
};

}  // namespace mofkernel::cpu
