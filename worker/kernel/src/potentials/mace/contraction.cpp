// The symmetric contraction on the CPU: threads take blocks of atoms of one element, a pack of channels at a time.
#include "potentials/mace/contraction.hpp"

#include <algorithm>
#include <array>

#include "backend/threads.hpp"
#include "potentials/mace/contraction_kernels.hpp"
#include "potentials/mace/contraction_setup.hpp"

namespace mofkernel::cpu::mace {

namespace {

/// Their messages and gradients stay in the second level of cache while the packs of channels pass by.
constexpr int kAtomsPerBlock = 16;

/// Coefficients times channels times atoms worth a thread of their own: some microseconds, as much as it costs to wake
/// one.
constexpr std::int64_t kWorkPerThread = 1 << 16;

struct AtomBlock {
  int group;
  int first, last;  ///< in the order of the groups
};

std::vector<AtomBlock> blocks_of(const AtomGroups& atoms) {
  std::vector<AtomBlock> blocks;
  for (int g = 0; g < atoms.n_groups(); ++g) {
    const int end = atoms.group_start[static_cast<std::size_t>(g) + 1];
    for (int first = atoms.group_start[static_cast<std::size_t>(g)]; first < end; first += kAtomsPerBlock)
      blocks.push_back({g, first, std::min(first + kAtomsPerBlock, end)});
  }
  return blocks;
}

void run_value(const ContractionWork<float>& work) { choose_contraction_kernels().value_float(work); }
void run_value(const ContractionWork<double>& work) { choose_contraction_kernels().value_double(work); }
void run_adjoint(const ContractionWork<float>& work) { choose_contraction_kernels().adjoint_float(work); }
void run_adjoint(const ContractionWork<double>& work) { choose_contraction_kernels().adjoint_double(work); }

/// What all atoms share; grad_b is null where the values are asked for.
template <class T>
struct Arrays {
  mofkernel::mace::ContractionView program;
  const T* coefficients;
  const T* x;
  const T* grad_b;
  T* out;
  int n_out_rows;
  int n_channels;
};

template <class T>
void contract_block(const Arrays<T>& arrays, const AtomGroups& atoms, const AtomBlock& block, int pack, T* scratch) {
  constexpr int kLanesHere = kCoefficientLanes<T>;
  const int first_channel = pack * kLanesHere;
  std::array<const T*, kAtomsPerBlock> x;
  std::array<const T*, kAtomsPerBlock> grad_b;
  std::array<T*, kAtomsPerBlock> out;
  for (int k = block.first; k < block.last; ++k) {
    const auto place = static_cast<std::size_t>(k - block.first);
    const auto first_of = [&](int n_rows) {
      return static_cast<std::int64_t>(atoms.order.data()[k]) * n_rows * arrays.n_channels + first_channel;
    };
    x[place] = arrays.x + first_of(arrays.program.n_harmonics);
    out[place] = arrays.out + first_of(arrays.n_out_rows);
    if (arrays.grad_b != nullptr) grad_b[place] = arrays.grad_b + first_of(arrays.program.n_outputs);
  }
  const std::int64_t coefficients_of_pack = static_cast<std::int64_t>(arrays.program.n_coefficients) * kLanesHere;
  const std::int64_t before =
      static_cast<std::int64_t>(block.group) * n_lane_blocks(arrays.n_channels, kLanesHere) + pack;
  const ContractionWork<T> work{arrays.program,
                                arrays.coefficients + before * coefficients_of_pack,
                                x.data(),
                                grad_b.data(),
                                out.data(),
                                scratch,
                                block.last - block.first,
                                arrays.n_channels,
                                std::min(kLanesHere, arrays.n_channels - first_channel)};
  if (arrays.grad_b == nullptr) {
    run_value(work);
  } else {
    run_adjoint(work);
  }
}

template <class T>
void contract(const Context& context, const AtomGroups& atoms, const Arrays<T>& arrays) {
  const std::vector<AtomBlock> blocks = blocks_of(atoms);
  const int n_packs = n_lane_blocks(arrays.n_channels, kCoefficientLanes<T>);
  const int n_parts = static_cast<int>(blocks.size()) * n_packs;
  const std::int64_t work =
      std::int64_t{atoms.n_atoms} * arrays.n_channels * std::max(1, arrays.program.n_coefficients);
  const int n_threads_wanted =
      static_cast<int>(std::min<std::int64_t>({context.n_threads(), std::max(1, n_parts), 1 + work / kWorkPerThread}));
  const std::size_t scratch_of_thread =
      std::size_t{2} * kContractedAtOnce * kCoefficientLanes<T> * static_cast<std::size_t>(arrays.program.n_heads);
  Buffer<T> scratch(context, scratch_of_thread * static_cast<std::size_t>(n_threads_wanted));
  on_threads(n_threads_wanted, [&](int thread, int n_threads) {
    const auto [first, last] = share(n_parts, thread, n_threads);
    T* const mine = scratch.data() + scratch_of_thread * static_cast<std::size_t>(thread);
    for (int part = first; part < last; ++part)
      contract_block(arrays, atoms, blocks[static_cast<std::size_t>(part / n_packs)], part % n_packs, mine);
  });
}

}  // namespace

template <class T>
void Contraction<T>::value(const AtomGroups& atoms, const T* x, T* b) const {
  contract(*context_, atoms, Arrays<T>{view(), coefficients_.data(), x, nullptr, b, n_outputs_, n_channels_});
}

template <class T>
void Contraction<T>::adjoint(const AtomGroups& atoms, const T* x, const T* grad_b, T* grad_x) const {
  contract(*context_, atoms, Arrays<T>{view(), coefficients_.data(), x, grad_b, grad_x, n_harmonics_, n_channels_});
}

template class Contraction<float>;
template class Contraction<double>;

}  // namespace mofkernel::cpu::mace
