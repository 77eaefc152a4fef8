#include "cli/extxyz.hpp"

#include <string>

#include "check.hpp"
#include "errors.hpp"

namespace mofkernel::cli {

TEST(a_periodic_frame_is_read) {
  const Structure s = parse_extxyz(
      "2\r\nLattice=\"5 0 0 0.5 6 0 0 0 7\" Properties=species:S:1:tags:I:1:pos:R:3:forces:R:3 energy=-1.5 pbc=\"T T "
      "F\" note=\"a b\"\r\n"
      "Zn 3 0.1 -2e-1 +3.5 9 9 9\r\nH 1 1 2 3 0 0 0\r\n\r\n");
  CHECK((s.atomic_numbers == std::vector<int>{30, 1}));
  CHECK((s.positions[0] == std::array<double, 3>{0.1, -0.2, 3.5}));
  CHECK((s.cell[1] == std::array<double, 3>{0.5, 6, 0}));
  CHECK((s.pbc == std::array<bool, 3>{true, true, false}));
}

TEST(charges_are_the_column_that_ase_writes) {
  const Structure s =
      parse_extxyz("2\nProperties=species:S:1:pos:R:3:initial_charges:R:1\nNa 0 0 0 0.75\nCl 0 0 2 -0.75\n");
  CHECK((s.charges == std::vector<double>{0.75, -0.75}));
  CHECK(parse_extxyz("1\n\nO 0 0 0").charges.empty());
}

TEST(a_plain_xyz_is_a_molecule) {
  const Structure s = parse_extxyz("1\nwater, or so\nO 0 0 0.5");
  CHECK(s.n_atoms() == 1 && s.atomic_numbers[0] == 8);
  CHECK((s.pbc == std::array<bool, 3>{false, false, false}));
}

TEST(a_lattice_alone_is_periodic_and_atomic_numbers_do) {
  const Structure s = parse_extxyz("1\nlattice=\"1 0 0 0 1 0 0 0 1\" properties=Z:I:1:pos:R:3\n118 0 0 0\n");
  CHECK((s.pbc == std::array<bool, 3>{true, true, true}) && s.atomic_numbers[0] == 118);
}

TEST(the_symbols_of_all_elements_are_in_their_places) {
  CHECK(atomic_number_of("H") == 1 && atomic_number_of("Zn") == 30 && atomic_number_of("Xe") == 54 &&
        atomic_number_of("Lu") == 71);
  CHECK(atomic_number_of("Rn") == 86 && atomic_number_of("Lr") == 103 && atomic_number_of("Og") == 118);
  CHECK(atomic_number_of("X") == 0 && atomic_number_of("") == 0 && atomic_number_of("zn") == 0);
}

TEST(what_is_not_one_frame_is_refused_with_its_line) {
  const auto message_of = [](const std::string& text) {
    try {
      (void)parse_extxyz(text);
    } catch (const KernelError& error) {
      CHECK(error.code() == ErrorCode::bad_structure);
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  const auto names_line = [&](const std::string& text, int line) {
    return message_of(text).find("line " + std::to_string(line) + " ") != std::string::npos;
  };
  CHECK(message_of("").find("empty") != std::string::npos);
  CHECK(message_of("\n \n").find("empty") != std::string::npos);
  CHECK(names_line("data_MOF-5\n_cell_length_a 5\n", 1));
  CHECK(names_line("0\n\n", 1));
  CHECK(names_line("-1\n\n", 1));
  CHECK(names_line("99999999999999999999\n\n", 1));
  CHECK(names_line("2\n\nH 0 0 0\n", 3));
  CHECK(names_line("1\n\nH 0 0 0\n1\n\nH 0 0 0\n", 4));
  CHECK(names_line("1\n\nH 0 0\n", 3));
  CHECK(names_line("1\n\nH 0 0 x\n", 3));
  CHECK(names_line("1\n\nH 0 0 nan\n", 3));
  CHECK(names_line("1\n\nH 0 0 1e999\n", 3));
  CHECK(names_line("1\n\nHx 0 0 0\n", 3));
  CHECK(names_line("1\nLattice=\"1 0 0\"\nH 0 0 0\n", 2));
  CHECK(names_line("1\nLattice=\"1 0 0 0 1 0 0 0 inf\"\nH 0 0 0\n", 2));
  CHECK(names_line("1\nLattice=\"1 0 0 0 1 0 0 0 1\nH 0 0 0\n", 2));
  CHECK(names_line("1\npbc=\"T T T\"\nH 0 0 0\n", 2));
  CHECK(names_line("1\nLattice=\"1 0 0 0 1 0 0 0 1\" pbc=\"T T\"\nH 0 0 0\n", 2));
  CHECK(names_line("1\nLattice=\"1 0 0 0 1 0 0 0 1\" pbc=\"T T maybe\"\nH 0 0 0\n", 2));
  CHECK(names_line("1\nProperties=species:S:1\nH 0 0 0\n", 2));
  CHECK(names_line("1\nProperties=pos:R:3\n0 0 0\n", 2));
  CHECK(names_line("1\nProperties=species:S:1:pos:R\nH 0 0 0\n", 2));
  CHECK(names_line("1\nProperties=species:S:1:pos:R:3:x:R:2000000000\nH 0 0 0\n", 2));
}

}  // namespace mofkernel::cli
