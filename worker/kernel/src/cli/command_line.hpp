// The commands of mofkernel by hand. Each takes the arguments after its name and returns the exit code:
// 0 ok, 1 failed, 2 bad input.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mofkernel::cli {

/// Dispatches to a command; errors become one line on stderr.
int run(std::span<const std::string> arguments);

int run_devices(std::span<const std::string> arguments);
int run_evaluate(std::span<const std::string> arguments);
int run_md(std::span<const std::string> arguments);
int run_relax(std::span<const std::string> arguments);
int run_selftest(std::span<const std::string> arguments);
int run_terms(std::span<const std::string> arguments);

/// A whole number of at least 1. Throws KernelError(bad_request) naming the option.
int parse_count(const std::string& name, const std::string& text);

/// `--name value`, `--name=value`, `--flag` and plain words, each taken once; finish() refuses what nobody took.
class Arguments {
 public:
  explicit Arguments(std::span<const std::string> words) : words_(words.begin(), words.end()) {}

  bool take_flag(const std::string& name);
  /// Throws KernelError(bad_request) when the value is missing.
  std::optional<std::string> take_option(const std::string& name);
  std::optional<int> take_count(const std::string& name);
  std::optional<std::int64_t> take_whole(const std::string& name, std::int64_t least);
  std::optional<double> take_number(const std::string& name);
  /// The next word that is not an option.
  std::optional<std::string> take_word();
  void finish() const;

 private:
  std::vector<std::string> words_;
};

}  // namespace mofkernel::cli
