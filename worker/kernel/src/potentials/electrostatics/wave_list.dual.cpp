#include "potentials/electrostatics/wave_list.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "potentials/electrostatics/coulomb_model.hpp"
#include "potentials/electrostatics/wave_box.hpp"

namespace mofkernel::MOFK_NS {
namespace {

/// Threads that look through the candidates of one structure together.
constexpr int kLanes = 32;

/// Room beyond what the last list needed: an eighth, and so many places.
constexpr int kSparePlaces = 16;

KernelError too_large_cell(std::size_t structure) {
  return {ErrorCode::bad_structure, "structure " + std::to_string(structure) +
                                        ": the Ewald sum of so large a cell has too many terms; use the damped " +
                                        "shifted force (method dsf)"};
}

}  // namespace

WaveList::WaveList(const Context& context, std::span<const double> k_cutoff)
    : context_(context),
      n_structures_(static_cast<int>(k_cutoff.size())),
      longest_(context),
      states_(context, k_cutoff.size()),
      first_(context, k_cutoff.size() + 1),
      last_(context, k_cutoff.size()),
      index_(context),
      structure_of_place_(context),
      reference_cells_(context, 9 * k_cutoff.size()) {
  std::vector<double> longest(k_cutoff.begin(), k_cutoff.end());
  for (double& k : longest) k *= electrostatics::kSwitchEnd * (1 + electrostatics::kListSlack);
  longest_.upload(longest);
  states_.fill_zero();
  first_.fill_zero();
  last_.fill_zero();
  reference_cells_.fill_zero();
}

void WaveList::update(const Batch& batch) {
  queue(batch.cells.data());
  // On a GPU, too, the first room is made before anything is summed over it.
  if (!kIsCuda || !has_been_confirmed_) {
    while (!confirm()) {
    }
  }
}

bool WaveList::confirm() {
  std::vector<State> states = states_.to_host();
  if (std::ranges::any_of(states, [](const State& state) { return state.is_short != 0; })) {
    enlarge(states);
    forget(states);
    queue(reference_cells_.data());
    return false;
  }
  const auto refused = std::ranges::find_if(states, [](const State& state) { return state.is_unmanageable != 0; });
  if (refused != states.end()) {
    forget(states);
    throw too_large_cell(static_cast<std::size_t>(refused - states.begin()));
  }
  has_been_confirmed_ = true;
  return true;
}

ListReference WaveList::reference() const {
  ListReference reference;
  for (const State& state : states_.to_host()) {
    if (state.is_listed == 0) return {};
    reference.n_builds = std::max<std::int64_t>(reference.n_builds, state.n_builds);
  }
  reference.cells = reference_cells_.to_host();
  return reference;
}

void WaveList::restore(const ListReference& reference) {
  forget(states_.to_host());
  if (reference.cells.empty()) return;
  reference_cells_.upload(reference.cells);
  queue(reference_cells_.data());
  while (!confirm()) {
  }
}

std::int64_t WaveList::n_builds() const {
  std::int64_t n_builds = 0;
  for (const State& state : states_.to_host()) n_builds += state.n_builds;
  return n_builds;
}

void WaveList::forget(std::vector<State> states) {
  for (State& state : states) {
    const int n_builds = state.n_builds;
    state = {};
    state.n_builds = n_builds;
  }
  states_.upload(states);
}

void WaveList::enlarge(std::span<const State> states) {
  const std::vector<int> old_first = first_.to_host();
  std::vector<int> first{0};
  std::vector<int> structure_of_place;
  for (std::size_t s = 0; s < states.size(); ++s) {
    const State& state = states[s];
    std::int64_t room = old_first[s + 1] - old_first[s];
    if (state.is_short != 0) {
      room = std::max<std::int64_t>(room, std::int64_t{state.n_waves} + state.n_waves / 8 + kSparePlaces);
      for (std::size_t a = 0; a < 3; ++a) reach_[a] = std::max(reach_[a], state.reach[a] + 1);
    }
    // Beyond this, numbers of threads would not fit.
    if (first.back() + room > std::numeric_limits<int>::max() / 64)
      throw KernelError(ErrorCode::out_of_memory, "the Ewald sum of this batch has too many terms; split it");
    first.push_back(first.back() + static_cast<int>(room));
    structure_of_place.resize(static_cast<std::size_t>(first.back()), static_cast<int>(s));
  }
  first_.upload(first);
  index_.resize(structure_of_place.size());
  structure_of_place_.upload(structure_of_place);
}

void WaveList::queue(const double* d_cells) {
  const std::array<int, 3> room_of_reach = reach_;
  const double* const longest = longest_.data();
  const int* const first = first_.data();
  State* const states = states_.data();
  int* const last = last_.data();
  std::array<int, 3>* const index = index_.data();
  double* const reference_cells = reference_cells_.data();
  parallel_for_teams<kLanes>(
      context_, n_structures_,
      MOFK_LAMBDA(int s, Team<kLanes> team) {
        State& state = states[s];
        if (state.is_short != 0 || state.is_unmanageable != 0) return;
        const double* const cell = d_cells + 9 * s;
        double* const reference = reference_cells + 9 * s;
        if (state.is_listed != 0 && relative_change(reference, cell) <= electrostatics::kListSlack) return;
        const WaveBox box = make_wave_box(cell, longest[s]);
        const int room = first[s + 1] - first[s];
        int n_waves = 0;
        for (int begin = box.begin; begin < box.end; begin += Team<kLanes>::kLanes) {
          const int candidate = begin + team.lane;
          std::array<int, 3> triple{};
          const bool is_listed = candidate < box.end && is_wave(box, candidate, triple);
          int n_new;
          const int place = n_waves + team.count_before(is_listed, n_new);
          if (is_listed && place < room) index[first[s] + place] = triple;
          n_waves += n_new;
        }
        if (team.lane != 0) return;
        bool has_room = box.is_manageable && n_waves <= room;
        for (int a = 0; a < 3; ++a) {
          has_room = has_room && box.reach[a] <= room_of_reach[a];
          state.reach[a] = box.reach[a];
        }
        last[s] = first[s] + (has_room ? n_waves : 0);
        state.is_unmanageable = box.is_manageable ? 0 : 1;
        if (!box.is_manageable) return;
        state.is_short = has_room ? 0 : 1;
        state.is_listed = 1;
        state.n_waves = n_waves;
        ++state.n_builds;
        for (int k = 0; k < 9; ++k) reference[k] = cell[k];
      },
      1);
}

}  // namespace mofkernel::MOFK_NS
