// Atoms of one structure in clusters of a few neighbors: the leaves of a k-d tree, which also finds the clusters near a
// cluster.
#pragma once

#include <array>
#include <span>
#include <vector>

namespace mofkernel::cpu {

struct Box {
  std::array<double, 3> low{1e300, 1e300, 1e300};
  std::array<double, 3> high{-1e300, -1e300, -1e300};

  void include(const double* point);
  void include(const Box& other);
  /// Between the nearest points of this box and of `other` moved by `shift`; A^2.
  [[nodiscard]] double squared_distance(const Box& other, const double* shift) const;
};

class ClusterTree {
 public:
  /// `positions` [n_atoms][3] A; `cluster_size` >= 1. All clusters are full but the last.
  ClusterTree(std::span<const double> positions, int cluster_size);

  [[nodiscard]] int n_clusters() const { return static_cast<int>(boxes_.size()); }
  /// [n_atoms] cluster after cluster.
  [[nodiscard]] std::span<const int> order() const { return order_; }
  [[nodiscard]] const Box& box(int cluster) const { return boxes_[static_cast<std::size_t>(cluster)]; }
  [[nodiscard]] const Box& box() const { return nodes_.front().box; }

  /// Calls visit(cluster), ascending, for the clusters from `first` on whose boxes, moved by `shift`, are nearer to
  /// `box` than the reach.
  template <class Visit>
  void for_each_near(const Box& box, const double* shift, double reach_squared, int first, Visit visit) const {
    for (std::size_t n = 0; n < nodes_.size();) {
      const Node& node = nodes_[n];
      if (node.last_cluster <= first || box.squared_distance(node.box, shift) >= reach_squared) {
        n = node.next;
        continue;
      }
      if (node.last_cluster - node.first_cluster == 1) visit(node.first_cluster);
      ++n;
    }
  }

 private:
  /// In the order of a walk that meets a node before its children.
  struct Node {
    Box box;
    int first_cluster, last_cluster;
    std::size_t next;  ///< node after all those inside this one
  };

  std::size_t add_node(std::span<const double> positions, int first_cluster, int last_cluster);
  [[nodiscard]] int split(std::span<const double> positions, const Box& box, int first_cluster, int last_cluster);

  int size_;
  std::vector<int> order_;
  std::vector<Box> boxes_;
  std::vector<Node> nodes_;
  std::vector<std::pair<double, int>> sorted_;
};

}  // namespace mofkernel::cpu
