// The members of a request's JSON objects, read by name and checked. Errors are KernelError(bad_request).
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "errors.hpp"
#include "protocol/json.hpp"

namespace mofkernel::protocol {

[[noreturn]] void refuse(const std::string& message);

template <class Enum>
struct Choice {
  std::string_view name;
  Enum value;
};

/// The value that `name` stands for; the refusal of another name lists the known ones.
template <class Enum>
Enum choose(const std::string& what, const std::string& name, std::initializer_list<Choice<Enum>> choices) {
  std::string known;
  for (const Choice<Enum>& choice : choices) {
    if (choice.name == name) return choice.value;
    known += (known.empty() ? "" : ", ") + std::string(choice.name);
  }
  refuse(what + " \"" + name + "\" does not exist; there are: " + known);
}

/// Smallest and largest allowed value of a number.
struct Bounds {
  double least;
  double most;
  bool excludes_least = false;
};

/// Reads the members of one object by name; finish() refuses the ones that nobody asked for.
class Members {
 public:
  /// `what` names the object in refusals, e.g. "the request".
  Members(const json::Value& object, std::string what);

  const json::Value* find(std::string_view key);
  const json::Value& at(std::string_view key);
  [[nodiscard]] bool has(std::string_view key) const { return object_.find(key) != nullptr; }

  std::string text(std::string_view key);
  double number(std::string_view key);
  double number(std::string_view key, Bounds bounds);
  bool boolean(std::string_view key);
  /// A whole number in [least, 2^53].
  std::int64_t whole(std::string_view key, std::int64_t least = 0);
  /// A whole number in [least, most].
  int count(std::string_view key, int least = 0, int most = std::numeric_limits<int>::max());
  /// An absolute path.
  std::filesystem::path path(std::string_view key);

  void finish() const;

 private:
  /// `read` of the member; an error of its type names the member.
  template <class Read>
  auto get(std::string_view key, Read read) {
    const json::Value& value = at(key);
    try {
      return read(value);
    } catch (const KernelError& error) {
      refuse_member(key, error.what());
    }
  }
  [[noreturn]] void refuse_member(std::string_view key, const std::string& why) const;

  const json::Value& object_;
  std::string what_;
  std::vector<std::string_view> seen_;
};

/// An id: 1 to 64 bytes.
std::string read_id(Members& members, std::string_view key);

}  // namespace mofkernel::protocol
