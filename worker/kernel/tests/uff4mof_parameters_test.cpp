// The parameter table against the independently collected copy of the published tables.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "check.hpp"
#include "potentials/uff4mof/elements.hpp"
#include "potentials/uff4mof/parameters.hpp"
#include "protocol/json.hpp"

namespace mofkernel::uff4mof {
namespace {

json::Value read_tables() {
  const auto path = std::filesystem::path(MOFK_SHARED_DIR) / "reference" / "uff4mof" / "parameters.json";
  std::ifstream file(path);
  if (!file) SKIP("no reference file " + path.lexically_normal().string());
  std::stringstream text;
  text << file.rdbuf();
  return json::parse(text.str());
}

/// Rows that no paper has: the dummy atom and two additions of one program.
bool is_unpublished(const std::string& name) { return name == "Du" || name == "O_3_M" || name == "Mg6"; }

const char* table_name(Source source) {
  switch (source) {
    case Source::uff:
      return "UFF";
    case Source::uff4mof_2014:
      return "UFF4MOF 2014";
    case Source::uff4mof_2016:
      return "UFF4MOF 2016";
  }
  return "";
}

}  // namespace

TEST(every_row_equals_the_published_one) {
  const json::Value tables = read_tables();
  std::size_t n_rows = 0;
  for (const json::Member& row : tables.at("types").object()) {
    if (is_unpublished(row.key)) continue;
    ++n_rows;
    // Lawrencium: the table's "Lw" is the symbol of 1961.
    const AtomType* type = find_atom_type(row.key == "Lw6+3" ? "Lr6+3" : row.key);
    if (type == nullptr) check::fail(__FILE__, __LINE__, "missing " + row.key);
    if (type == nullptr) continue;
    const json::Value& value = row.value;
    CHECK(value.at("table").text() == table_name(type->source));
    CHECK(type->atomic_number == 103 || value.at("element").text() == element_symbol(type->atomic_number));
    CHECK_CLOSE(type->r1, value.at("r1").number(), 0, 0);
    CHECK_CLOSE(type->theta0_deg, value.at("theta0").number(), 0, 0);
    CHECK_CLOSE(type->x1, value.at("x1").number(), 0, 0);
    CHECK_CLOSE(type->d1, value.at("D1").number(), 0, 0);
    CHECK_CLOSE(type->z1, value.at("Z1").number(), 0, 0);
    CHECK_CLOSE(type->v_sp3, value.at("Vi").number(), 0, 0);
    CHECK_CLOSE(type->u_sp2, value.at("Uj").number(), 0, 0);
    CHECK_CLOSE(type->chi, value.at("Xi").number(), 0, 0);
  }
  CHECK(n_rows == atom_types().size());
}

TEST(names_are_unique_and_name_their_element) {
  std::set<std::string_view> names;
  for (const AtomType& type : atom_types()) {
    CHECK(names.insert(type.name).second);
    CHECK(type.name.starts_with(element_symbol(type.atomic_number)));
    CHECK(std::string_view("12R3468").find(type.geometry()) != std::string_view::npos || type.name == "H_b");
  }
}

}  // namespace mofkernel::uff4mof
