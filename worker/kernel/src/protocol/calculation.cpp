#include "protocol/calculation.hpp"

#include <algorithm>
#include <limits>

namespace mofkernel::protocol {
namespace {

constexpr int kLargestAtomicNumber = 118;
constexpr Bounds kCutoff_A{2, 40};
constexpr Bounds kRelativeAccuracy{1e-12, 1e-2};
constexpr Bounds kDispersionCutoff_A{5, 60};
constexpr Bounds kDamping_per_A{.least = 0, .most = 2, .excludes_least = true};

[[noreturn]] void refuse_structure(const std::string& message) { throw KernelError(ErrorCode::bad_structure, message); }

uff4mof::Options parse_uff4mof_options(const json::Value& value) {
  Members members(value, "the options of the potential");
  uff4mof::Options options;
  if (members.has("dialect")) options.dialect = parse_dialect(members.text("dialect"));
  if (members.has("fallback")) options.fallback = parse_fallback(members.text("fallback"));
  if (members.has("cutoff_A")) options.cutoff_A = members.number("cutoff_A", kCutoff_A);
  if (members.has("tail_correction")) options.tail_correction = members.boolean("tail_correction") ? 1 : 0;
  members.finish();
  return options;
}

electrostatics::Options parse_electrostatics(const json::Value& value) {
  Members members(value, "the electrostatics of the potential");
  electrostatics::Options options;
  if (members.has("charges")) options.charges = parse_charges(members.text("charges"));
  if (members.has("method")) options.method = parse_electrostatics_method(members.text("method"));
  if (members.has("cutoff_A")) options.cutoff_A = members.number("cutoff_A", kCutoff_A);
  if (members.has("relative_accuracy"))
    options.relative_accuracy = members.number("relative_accuracy", kRelativeAccuracy);
  if (members.has("damping_per_A")) options.damping_per_A = members.number("damping_per_A", kDamping_per_A);
  members.finish();
  return options;
}

mace::Options parse_mace_options(const json::Value& value) {
  Members members(value, "the options of the potential");
  mace::Options options{.folder = members.path("folder")};
  if (members.has("head")) options.head = members.text("head");
  members.finish();
  return options;
}

dispersion::Options parse_dispersion(const json::Value& value) {
  Members members(value, "the dispersion of the potential");
  dispersion::Options options;
  if (members.has("functional")) options.functional = members.text("functional");
  if (members.has("cutoff_A")) options.cutoff_A = members.number("cutoff_A", kDispersionCutoff_A);
  if (members.has("coordination_cutoff_A"))
    options.coordination_cutoff_A = members.number("coordination_cutoff_A", kDispersionCutoff_A);
  members.finish();
  return options;
}

PotentialSpec parse_potential(const json::Value& value) {
  enum class Kind { uff4mof, mace };
  Members members(value, "the potential");
  const Kind kind = choose<Kind>("potential", members.text("kind"), {{"uff4mof", Kind::uff4mof}, {"mace", Kind::mace}});
  PotentialSpec spec;
  if (kind == Kind::mace) {
    spec.mace = parse_mace_options(members.at("options"));
    if (members.has("dispersion")) spec.dispersion = parse_dispersion(members.at("dispersion"));
  } else {
    spec.uff4mof = parse_uff4mof_options(members.at("options"));
    if (members.has("electrostatics")) spec.electrostatics = parse_electrostatics(members.at("electrostatics"));
  }
  members.finish();
  return spec;
}

std::size_t add_up(const std::vector<std::int32_t>& n_atoms) {
  if (n_atoms.empty()) refuse("the request carries no structure");
  std::size_t total = 0;
  for (const std::int32_t count : n_atoms) {
    if (count < 1) refuse_structure("a structure has " + std::to_string(count) + " atoms; it must have at least one");
    total += static_cast<std::size_t>(count);
  }
  if (total > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    refuse("the batch has more atoms than the kernel can count");
  return total;
}

void set_lattice(Structure& structure, const std::array<std::array<double, 3>, 3>& cell,
                 const std::array<std::uint8_t, 3>& pbc, const std::string& where) {
  structure.cell = cell;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (pbc[axis] > 1) refuse("\"pbc\"" + where + " is neither 0 nor 1");
    structure.pbc[axis] = pbc[axis] == 1;
    if (!is_finite(cell[axis])) refuse_structure("the cell" + where + " has a number that is not finite");
  }
}

void add_atom(Structure& structure, const std::array<double, 3>& position, std::int32_t atomic_number,
              const std::string& where) {
  const auto atom = [&] { return "atom " + std::to_string(structure.positions.size()) + where; };
  if (!is_finite(position)) refuse_structure("the position of " + atom() + " is not finite");
  if (atomic_number < 1 || atomic_number > kLargestAtomicNumber)
    refuse_structure("the atomic number of " + atom() + " is " + std::to_string(atomic_number) + ", not an element");
  structure.positions.push_back(position);
  structure.atomic_numbers.push_back(atomic_number);
}

std::vector<Structure> parse_structures(RequestArrays& arrays, bool has_charges) {
  const auto n_atoms = arrays.take<std::int32_t>("n_atoms", {});
  const std::size_t n = n_atoms.size();
  const std::size_t total = add_up(n_atoms);
  const auto cells = arrays.take<double, std::array<std::array<double, 3>, 3>>("cells", {3, 3}, n);
  const auto pbc = arrays.take<std::uint8_t, std::array<std::uint8_t, 3>>("pbc", {3}, n);
  const auto positions = arrays.take<double, std::array<double, 3>>("positions", {3}, total);
  const auto atomic_numbers = arrays.take<std::int32_t>("atomic_numbers", {}, total);
  const std::vector<double> charges = has_charges ? arrays.take_numbers("charges", total) : std::vector<double>{};

  std::vector<Structure> structures(n);
  std::size_t first = 0;
  for (std::size_t s = 0; s < n; ++s) {
    const std::string where = " of structure " + std::to_string(s);
    Structure& structure = structures[s];
    set_lattice(structure, cells[s], pbc[s], where);
    const auto last = first + static_cast<std::size_t>(n_atoms[s]);
    for (std::size_t i = first; i < last; ++i) add_atom(structure, positions[i], atomic_numbers[i], where);
    if (has_charges) {
      structure.charges.assign(charges.begin() + static_cast<std::ptrdiff_t>(first),
                               charges.begin() + static_cast<std::ptrdiff_t>(last));
    }
    first = last;
  }
  return structures;
}

/// The atoms of the first structure where they were when they were typed.
Structure parse_topology(RequestArrays& arrays, const std::vector<Structure>& structures) {
  if (structures.empty()) refuse("a topology needs structures that have it");
  Structure topology = structures.front();
  const auto cells = arrays.take<double, std::array<std::array<double, 3>, 3>>("topology_cell", {3, 3}, 1);
  const std::array<std::uint8_t, 3> pbc{topology.pbc[0], topology.pbc[1], topology.pbc[2]};
  set_lattice(topology, cells.front(), pbc, " of the topology");
  topology.positions = arrays.take_vectors("topology_positions", topology.positions.size());
  return topology;
}

}  // namespace

std::size_t Calculation::n_atoms() const {
  std::size_t total = 0;
  for (const Structure& structure : structures) total += structure.positions.size();
  return total;
}

Calculation parse_calculation(Members& members, RequestArrays& arrays) {
  Calculation calculation;
  calculation.potential = parse_potential(members.at("potential"));
  calculation.device = members.text("device");
  check_device_name(calculation.device);
  calculation.precision = parse_precision(members.text("precision"));
  if (members.has("share_topology")) calculation.potential.share_topology = members.boolean("share_topology");
  if (members.has("memory_limit_bytes"))
    calculation.memory_limit_bytes = static_cast<std::size_t>(members.whole("memory_limit_bytes", 1));
  calculation.structures =
      parse_structures(arrays, calculation.potential.electrostatics.charges == electrostatics::Charges::given);
  if (members.has("topology") && members.boolean("topology"))
    calculation.potential.topology = parse_topology(arrays, calculation.structures);
  return calculation;
}

void require_bonds(const Calculation& calculation, const char* type) {
  if (!calculation.potential.mace) return;
  throw KernelError(ErrorCode::unsupported, std::string("a request of type ") + type +
                                                " needs types and bonds, and MACE has neither; use uff4mof");
}

void require_one_structure(const Calculation& calculation, const char* type) {
  if (calculation.structures.size() != 1) refuse(std::string("a request of type ") + type + " carries one structure");
}

Precision parse_precision(const std::string& name) {
  return choose<Precision>(
      "precision", name,
      {{"float64", Precision::float64}, {"float32", Precision::float32}, {"mixed", Precision::mixed}});
}

uff4mof::Dialect parse_dialect(const std::string& name) {
  return choose<uff4mof::Dialect>(
      "dialect", name, {{"paper", uff4mof::Dialect::paper}, {"lammps_interface", uff4mof::Dialect::lammps_interface}});
}

uff4mof::Fallback parse_fallback(const std::string& name) {
  return choose<uff4mof::Fallback>("fallback", name,
                                   {{"none", uff4mof::Fallback::none}, {"uff", uff4mof::Fallback::uff}});
}

electrostatics::Charges parse_charges(const std::string& name) {
  using electrostatics::Charges;
  return choose<Charges>("charges", name,
                         {{"none", Charges::none}, {"given", Charges::given}, {"eqeq", Charges::eqeq}});
}

electrostatics::Method parse_electrostatics_method(const std::string& name) {
  using electrostatics::Method;
  return choose<Method>("method", name, {{"ewald", Method::ewald}, {"dsf", Method::dsf}});
}

void check_cutoff(double cutoff_A) {
  if (cutoff_A >= kCutoff_A.least && cutoff_A <= kCutoff_A.most) return;
  refuse("the cutoff must lie between 2 and 40 A");
}

void check_device_name(const std::string& device) {
  constexpr std::string_view kCuda = "cuda:";
  constexpr std::size_t kLargestDigits = 3;
  if (device == "cpu") return;
  const std::string index = device.starts_with(kCuda) ? device.substr(kCuda.size()) : "";
  const bool is_number = !index.empty() && index.size() <= kLargestDigits &&
                         std::all_of(index.begin(), index.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number) refuse("\"" + device + "\" is not a device; use cpu or cuda:<index>");
}

}  // namespace mofkernel::protocol
