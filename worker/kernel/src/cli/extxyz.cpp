#include "cli/extxyz.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <vector>

#include "errors.hpp"

namespace mofkernel::cli {
namespace {

constexpr std::string_view kWhiteSpace = " \t\r";

[[noreturn]] void refuse(std::size_t line, const std::string& what) {
  throw KernelError(ErrorCode::bad_structure, "line " + std::to_string(line) + " of the XYZ file: " + what);
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  while (!lines.empty() && lines.back().find_first_not_of(kWhiteSpace) == std::string_view::npos) lines.pop_back();
  return lines;
}

std::vector<std::string_view> split_words(std::string_view line, std::string_view separators = kWhiteSpace) {
  std::vector<std::string_view> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(separators), line.size()));
    if (line.empty()) return words;
    const std::size_t end = std::min(line.find_first_of(separators), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

template <class Number>
Number parse_number(std::string_view word, std::size_t line) {
  Number value{};
  if (word.starts_with('+')) word.remove_prefix(1);
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  const bool is_read = error == std::errc() && end == word.data() + word.size();
  if (!is_read || !std::isfinite(static_cast<double>(value)))
    refuse(line, "\"" + std::string(word) + "\" is not a number here");
  return value;
}

/// key=value and key="quoted value" pairs of the comment line; keys in lower case, a bare word has the value "T".
std::map<std::string, std::string, std::less<>> parse_comment(std::string_view line, std::size_t line_number) {
  std::map<std::string, std::string, std::less<>> pairs;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(kWhiteSpace), line.size()));
    if (line.empty()) return pairs;
    const std::size_t key_end = std::min(line.find_first_of(" \t\r="), line.size());
    std::string key(line.substr(0, key_end));
    std::transform(key.begin(), key.end(), key.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    line.remove_prefix(key_end);
    std::string value = "T";
    if (line.starts_with('=')) {
      line.remove_prefix(1);
      const bool is_quoted = line.starts_with('"');
      if (is_quoted) line.remove_prefix(1);
      const std::size_t end = line.find_first_of(is_quoted ? "\"" : " \t\r");
      if (is_quoted && end == std::string_view::npos) refuse(line_number, "a quotation mark is not closed");
      value = line.substr(0, end);
      line.remove_prefix(std::min(end, line.size()));
      if (is_quoted) line.remove_prefix(1);
    }
    pairs[std::move(key)] = std::move(value);
  }
}

/// Where the columns of an atom's line are; -1 when absent.
struct Columns {
  int species = -1;
  int atomic_number = -1;
  int position = -1;
  int charge = -1;
  std::size_t n = 0;
};

Columns parse_properties(std::string_view text, std::size_t line) {
  const auto parts = split_words(text, ":");
  if (parts.empty() || parts.size() % 3 != 0) refuse(line, "Properties is not a list of name:type:count");
  Columns columns;
  for (std::size_t i = 0; i < parts.size(); i += 3) {
    const auto count = parse_number<int>(parts[i + 2], line);
    constexpr int kMostColumns = 1000;
    if (count < 1 || count > kMostColumns) refuse(line, "Properties has a column count out of range");
    const int at = static_cast<int>(columns.n);
    if (parts[i] == "species" && parts[i + 1] == "S" && count == 1) columns.species = at;
    if (parts[i] == "Z" && parts[i + 1] == "I" && count == 1) columns.atomic_number = at;
    if (parts[i] == "pos" && parts[i + 1] == "R" && count == 3) columns.position = at;
    if (parts[i] == "initial_charges" && parts[i + 1] == "R" && count == 1) columns.charge = at;
    columns.n += static_cast<std::size_t>(count);
  }
  if (columns.position < 0) refuse(line, "Properties has no pos:R:3");
  if (columns.species < 0 && columns.atomic_number < 0) refuse(line, "Properties has neither species:S:1 nor Z:I:1");
  return columns;
}

std::array<std::array<double, 3>, 3> parse_lattice(std::string_view text, std::size_t line) {
  const auto words = split_words(text);
  if (words.size() != 9) refuse(line, "Lattice must have nine numbers");
  std::array<std::array<double, 3>, 3> cell{};
  for (std::size_t i = 0; i < 9; ++i) cell[i / 3][i % 3] = parse_number<double>(words[i], line);
  return cell;
}

std::array<bool, 3> parse_pbc(std::string_view text, std::size_t line) {
  const auto words = split_words(text);
  if (words.size() != 3) refuse(line, "pbc must have three values, T or F");
  std::array<bool, 3> pbc{};
  for (std::size_t i = 0; i < 3; ++i) {
    const bool is_true = words[i] == "T" || words[i] == "1" || words[i] == "True" || words[i] == "true";
    const bool is_false = words[i] == "F" || words[i] == "0" || words[i] == "False" || words[i] == "false";
    if (!is_true && !is_false) refuse(line, "pbc must have three values, T or F");
    pbc[i] = is_true;
  }
  return pbc;
}

}  // namespace

Structure parse_extxyz(std::string_view text) {
  const auto lines = split_lines(text);
  if (lines.empty()) throw KernelError(ErrorCode::bad_structure, "the XYZ file is empty");
  const auto count_words = split_words(lines[0]);
  if (count_words.size() != 1) refuse(1, "the number of atoms is expected; other formats are read by: mofsim evaluate");
  const auto n_atoms = parse_number<long>(count_words[0], 1);
  if (n_atoms < 1) refuse(1, "the number of atoms must be at least 1");
  if (lines.size() < 2 || lines.size() - 2 < static_cast<std::size_t>(n_atoms)) {
    refuse(lines.size(), "the file ends before its " + std::to_string(n_atoms) + " atoms");
  }
  if (lines.size() - 2 > static_cast<std::size_t>(n_atoms)) {
    refuse(static_cast<std::size_t>(n_atoms) + 3, "text after the last atom; only files with one frame are read");
  }

  const auto comment = parse_comment(lines[1], 2);
  Structure structure;
  const auto lattice = comment.find("lattice");
  structure.pbc.fill(lattice != comment.end());
  if (lattice != comment.end()) structure.cell = parse_lattice(lattice->second, 2);
  if (const auto pbc = comment.find("pbc"); pbc != comment.end()) structure.pbc = parse_pbc(pbc->second, 2);
  if (lattice == comment.end() && (structure.pbc[0] || structure.pbc[1] || structure.pbc[2]))
    refuse(2, "pbc is set, but there is no Lattice");
  const auto properties = comment.find("properties");
  const Columns columns = parse_properties(properties == comment.end() ? "species:S:1:pos:R:3" : properties->second, 2);

  for (std::size_t i = 2; i < lines.size(); ++i) {
    const auto words = split_words(lines[i]);
    if (words.size() < columns.n)
      refuse(i + 1,
             "there are " + std::to_string(words.size()) + " columns, " + std::to_string(columns.n) + " are expected");
    const bool has_species = columns.species >= 0;
    const std::string_view element =
        words[static_cast<std::size_t>(has_species ? columns.species : columns.atomic_number)];
    const int atomic_number = has_species ? atomic_number_of(element) : parse_number<int>(element, i + 1);
    if (atomic_number < 1 || atomic_number > kLastElement)
      refuse(i + 1, "\"" + std::string(element) + "\" is not an element");
    structure.atomic_numbers.push_back(atomic_number);
    std::array<double, 3>& position = structure.positions.emplace_back();
    for (std::size_t axis = 0; axis < 3; ++axis) {
      position[axis] = parse_number<double>(words[static_cast<std::size_t>(columns.position) + axis], i + 1);
    }
    if (columns.charge >= 0)
      structure.charges.push_back(parse_number<double>(words[static_cast<std::size_t>(columns.charge)], i + 1));
  }
  return structure;
}

Structure read_extxyz(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw KernelError(ErrorCode::bad_request, "cannot open " + path);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad()) throw KernelError(ErrorCode::bad_request, "cannot read " + path);
  try {
    return parse_extxyz(text);
  } catch (const KernelError& error) {
    throw KernelError(error.code(), path + ": " + error.what());
  }
}

}  // namespace mofkernel::cli
