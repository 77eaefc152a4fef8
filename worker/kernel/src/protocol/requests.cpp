#include "protocol/requests.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace mofkernel::protocol {
namespace {

constexpr int kLargestAtomicNumber = 118;
constexpr double kSmallestCutoff_A = 2;
constexpr double kLargestCutoff_A = 40;

[[noreturn]] void refuse(const std::string& message) { throw KernelError(ErrorCode::bad_request, message); }
[[noreturn]] void refuse_structure(const std::string& message) { throw KernelError(ErrorCode::bad_structure, message); }

template <class Enum>
struct Choice {
  std::string_view name;
  Enum value;
};

template <class Enum>
Enum choose(const std::string& what, const std::string& name, std::initializer_list<Choice<Enum>> choices) {
  std::string known;
  for (const Choice<Enum>& choice : choices) {
    if (choice.name == name) return choice.value;
    known += (known.empty() ? "" : ", ") + std::string(choice.name);
  }
  refuse(what + " \"" + name + "\" does not exist; there are: " + known);
}

/// Reads the members of one object by name; finish() refuses the ones that nobody asked for.
class Members {
 public:
  Members(const json::Value& object, std::string what) : object_(object), what_(std::move(what)) {
    if (!object.is_object()) refuse(what_ + " is not a JSON object");
  }

  const json::Value* find(std::string_view key) {
    seen_.push_back(key);
    return object_.find(key);
  }

  const json::Value& at(std::string_view key) {
    const json::Value* value = find(key);
    if (value == nullptr) refuse(what_ + " has no \"" + std::string(key) + "\"");
    return *value;
  }

  /// `read` of the member; an error of its type names the member.
  template <class Read>
  auto get(std::string_view key, Read read) {
    const json::Value& value = at(key);
    try {
      return read(value);
    } catch (const KernelError& error) {
      refuse("\"" + std::string(key) + "\" of " + what_ + ": " + error.what());
    }
  }

  std::string text(std::string_view key) {
    return get(key, [](const json::Value& value) { return value.text(); });
  }
  double number(std::string_view key) {
    return get(key, [](const json::Value& value) { return value.number(); });
  }
  bool boolean(std::string_view key) {
    return get(key, [](const json::Value& value) { return value.boolean(); });
  }
  int count(std::string_view key) {
    const std::int64_t value = get(key, [](const json::Value& v) { return v.integer(); });
    if (value < 0 || value > std::numeric_limits<int>::max())
      refuse("\"" + std::string(key) + "\" of " + what_ + " is out of range");
    return static_cast<int>(value);
  }

  void finish() const {
    for (const json::Member& member : object_.object()) {
      if (std::find(seen_.begin(), seen_.end(), member.key) == seen_.end()) {
        refuse(what_ + " has the unknown member \"" + member.key + "\"");
      }
    }
  }

 private:
  const json::Value& object_;
  std::string what_;
  std::vector<std::string_view> seen_;
};

std::string name_of_id(Members& members, std::string_view key) {
  std::string id = members.text(key);
  if (id.empty() || id.size() > kMaxNameBytes)
    refuse("\"" + std::string(key) + "\" has 1 to " + std::to_string(kMaxNameBytes) + " bytes");
  return id;
}

uff4mof::Options parse_uff4mof_options(const json::Value& value) {
  Members members(value, "the options of the potential");
  uff4mof::Options options;
  if (members.find("dialect") != nullptr) options.dialect = parse_dialect(members.text("dialect"));
  if (members.find("fallback") != nullptr) options.fallback = parse_fallback(members.text("fallback"));
  if (members.find("cutoff_A") != nullptr) options.cutoff_A = members.number("cutoff_A");
  if (members.find("tail_correction") != nullptr) options.tail_correction = members.boolean("tail_correction") ? 1 : 0;
  members.finish();
  check_cutoff(options.cutoff_A);
  return options;
}

PotentialSpec parse_potential(const json::Value& value) {
  Members members(value, "the potential");
  const std::string kind = members.text("kind");
  if (kind != "uff4mof") refuse("there is no potential \"" + kind + "\"; this kernel has: uff4mof");
  PotentialSpec spec;
  spec.uff4mof = parse_uff4mof_options(members.at("options"));
  members.finish();
  return spec;
}

/// An array of the frame after a check of its name, element type and number of rows.
class Arrays {
 public:
  explicit Arrays(const Frame& frame) : arrays_(frame.arrays) {}

  template <class Element, class Row>
  std::vector<Row> take(std::string_view name, std::vector<std::size_t> row_shape, std::optional<std::size_t> n_rows) {
    seen_.push_back(name);
    const auto has_name = [&](const Array& array) { return array.name == name; };
    if (std::count_if(arrays_.begin(), arrays_.end(), has_name) != 1)
      refuse("the frame must have one array \"" + std::string(name) + "\"");
    const Array& array = *std::find_if(arrays_.begin(), arrays_.end(), has_name);
    if (array.dtype != dtype_of<Element>()) {
      refuse("array \"" + array.name + "\" has dtype " + dtype_name(array.dtype) + ", it must have " +
             dtype_name(dtype_of<Element>()));
    }
    row_shape.insert(row_shape.begin(), n_rows.value_or(array.shape.empty() ? 0 : array.shape.front()));
    if (array.shape != row_shape)
      refuse("array \"" + array.name + "\" must have the shape " + shape_text(row_shape) + ", it has " +
             shape_text(array.shape));
    return array.rows<Row>();
  }

  void finish() const {
    for (const Array& array : arrays_) {
      if (std::find(seen_.begin(), seen_.end(), array.name) == seen_.end())
        refuse("the frame has the unknown array \"" + array.name + "\"");
    }
  }

 private:
  static std::string shape_text(const std::vector<std::size_t>& shape) {
    std::string text;
    for (const std::size_t extent : shape) text += (text.empty() ? "" : ", ") + std::to_string(extent);
    return "[" + text + "]";
  }

  const std::vector<Array>& arrays_;
  std::vector<std::string_view> seen_;
};

template <std::size_t n>
bool is_finite(const std::array<double, n>& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

std::vector<Structure> parse_structures(const Frame& frame) {
  Arrays arrays(frame);
  const auto n_atoms = arrays.take<std::int32_t, std::int32_t>("n_atoms", {}, std::nullopt);
  const std::size_t n = n_atoms.size();
  if (n == 0) refuse("the request carries no structure");
  std::size_t total = 0;
  for (const std::int32_t count : n_atoms) {
    if (count < 1) refuse_structure("a structure has " + std::to_string(count) + " atoms; it must have at least one");
    total += static_cast<std::size_t>(count);
  }
  if (total > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    refuse("the batch has more atoms than the kernel can count");
  const auto cells = arrays.take<double, std::array<std::array<double, 3>, 3>>("cells", {3, 3}, n);
  const auto pbc = arrays.take<std::uint8_t, std::array<std::uint8_t, 3>>("pbc", {3}, n);
  const auto positions = arrays.take<double, std::array<double, 3>>("positions", {3}, total);
  const auto atomic_numbers = arrays.take<std::int32_t, std::int32_t>("atomic_numbers", {}, total);
  arrays.finish();

  std::vector<Structure> structures(n);
  std::size_t first = 0;
  for (std::size_t s = 0; s < n; ++s) {
    const std::string where = " of structure " + std::to_string(s);
    Structure& structure = structures[s];
    structure.cell = cells[s];
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if (pbc[s][axis] > 1) refuse("\"pbc\"" + where + " is neither 0 nor 1");
      structure.pbc[axis] = pbc[s][axis] == 1;
      if (!is_finite(cells[s][axis])) refuse_structure("the cell" + where + " has a number that is not finite");
    }
    const auto last = first + static_cast<std::size_t>(n_atoms[s]);
    for (std::size_t i = first; i < last; ++i) {
      const std::string atom = "atom " + std::to_string(i - first) + where;
      if (!is_finite(positions[i])) refuse_structure("the position of " + atom + " is not finite");
      if (atomic_numbers[i] < 1 || atomic_numbers[i] > kLargestAtomicNumber) {
        refuse_structure("the atomic number of " + atom + " is " + std::to_string(atomic_numbers[i]) +
                         ", not an element");
      }
      structure.positions.push_back(positions[i]);
      structure.atomic_numbers.push_back(atomic_numbers[i]);
    }
    first = last;
  }
  return structures;
}

Calculation parse_calculation(Members& members, const Frame& frame) {
  Calculation calculation;
  calculation.potential = parse_potential(members.at("potential"));
  calculation.device = members.text("device");
  check_device_name(calculation.device);
  calculation.precision = parse_precision(members.text("precision"));
  calculation.structures = parse_structures(frame);
  return calculation;
}

RelaxOptions parse_relax_options(Members& members, std::size_t n_structures) {
  RelaxOptions options;
  options.optimizer = choose<Optimizer>("optimizer", members.text("optimizer"),
                                        {{"LBFGS", Optimizer::lbfgs}, {"FIRE", Optimizer::fire}});
  options.cell_mode =
      choose<CellMode>("cell_mode", members.text("cell_mode"),
                       {{"fixed", CellMode::fixed}, {"isotropic", CellMode::isotropic}, {"full", CellMode::full}});
  options.fmax_eV_A = members.number("fmax_eV_A");
  if (options.fmax_eV_A <= 0) refuse("\"fmax_eV_A\" must be larger than 0");
  options.max_steps = members.count("max_steps");
  options.pressures_eV_A3.assign(n_structures, members.number("pressure_eV_A3"));
  options.frame_interval = members.count("frame_interval");
  return options;
}

RequestBody parse_body(const std::string& type, Members& members, const Frame& frame) {
  if (type == "topology" || type == "evaluate" || type == "relax") {
    Calculation calculation = parse_calculation(members, frame);
    if (type == "relax") {
      RelaxOptions options = parse_relax_options(members, calculation.structures.size());
      return RelaxRequest{std::move(calculation), std::move(options)};
    }
    if (type == "evaluate") {
      const EvaluateWant want{true, members.boolean("compute_forces"), members.boolean("compute_stress"),
                              members.boolean("compute_per_atom")};
      return EvaluateRequest{std::move(calculation), want};
    }
    if (calculation.structures.size() != 1) refuse("a topology request carries one structure");
    return TopologyRequest{std::move(calculation)};
  }
  Arrays(frame).finish();
  if (type == "devices") return DevicesRequest{};
  if (type == "cancel") return CancelRequest{name_of_id(members, "target")};
  refuse("there is no request of type \"" + type + "\"; there are: devices, topology, evaluate, relax, cancel");
}

}  // namespace

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

void check_cutoff(double cutoff_A) {
  if (cutoff_A >= kSmallestCutoff_A && cutoff_A <= kLargestCutoff_A) return;
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

Request parse_request(const Frame& frame) {
  Members members(frame.header, "the request");
  Request request;
  const std::string type = members.text("type");
  request.id = name_of_id(members, "id");
  (void)members.find("arrays");  // read by the frame reader
  (void)members.find("payload_bytes");
  request.body = parse_body(type, members, frame);
  members.finish();
  return request;
}

}  // namespace mofkernel::protocol
