#include "geometry/supercell.hpp"

#include "check.hpp"
#include "errors.hpp"

namespace mofkernel {

TEST(images_are_moved_by_whole_lattice_vectors) {
  const Structure cell{.cell = {{{2, 0, 0}, {0.5, 3, 0}, {0, 0.25, 4}}},
                       .pbc = {true, true, true},
                       .positions = {{0.1, 0.2, 0.3}, {-5, 6, 7}},
                       .atomic_numbers = {6, 8},
                       .charges = {0.5, -0.5}};
  const Structure supercell = make_supercell(cell, {2, 1, 3});
  CHECK(supercell.n_atoms() == 12 && supercell.charges.size() == 12);
  CHECK((supercell.cell == std::array<std::array<double, 3>, 3>{{{4, 0, 0}, {0.5, 3, 0}, {0, 0.75, 12}}}));
  CHECK(supercell.positions[0] == cell.positions[0] && supercell.positions[1] == cell.positions[1]);
  // c runs fastest: images (0,0,1) and (1,0,0) are the second and the fourth.
  CHECK((supercell.positions[3] == std::array<double, 3>{-5, 6.25, 11}));
  CHECK((supercell.positions[7] == std::array<double, 3>{-3, 6, 7}));
  for (std::size_t i = 0; i < 12; ++i) {
    CHECK(supercell.atomic_numbers[i] == cell.atomic_numbers[i % 2]);
    CHECK_CLOSE(supercell.charges[i], cell.charges[i % 2], 0, 0);
  }
}

TEST(impossible_repeats_are_refused) {
  Structure slab{.cell = {{{2, 0, 0}, {0, 2, 0}, {0, 0, 2}}},
                 .pbc = {true, true, false},
                 .positions = {{0, 0, 0}},
                 .atomic_numbers = {6}};
  CHECK(make_supercell(slab, {3, 1, 1}).n_atoms() == 3);
  CHECK_THROWS_CODE(make_supercell(slab, {1, 1, 2}), ErrorCode::bad_request);
  CHECK_THROWS_CODE(make_supercell(slab, {0, 1, 1}), ErrorCode::bad_request);
  CHECK_THROWS_CODE(make_supercell(slab, {2'000'000'000, 2'000'000'000, 1}), ErrorCode::bad_request);
}

}  // namespace mofkernel
