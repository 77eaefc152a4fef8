// A test program in one header: TEST(name) { … } bodies register themselves, main() runs them all (or those named on
// the command line) and exits 0 when all passed, 1 when one failed, 77 when every test was skipped.
#pragma once

#include <cmath>
#include <cstdio>
#include <exception>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace mofkernel::check {

struct Test {
  const char* name;
  void (*body)();
};

struct Skipped {
  std::string reason;
};

inline std::vector<Test>& tests() {
  static std::vector<Test> registered;
  return registered;
}

inline int& failures() {
  static int count = 0;
  return count;
}

struct Registrar {
  Registrar(const char* name, void (*body)()) { tests().push_back({name, body}); }
};

inline void fail(const char* file, int line, const std::string& what) {
  ++failures();
  // A broken array law would print one line per element; the first few tell the story.
  if (failures() <= 20) std::printf("  %s:%d: %s\n", file, line, what.c_str());
}

inline void check_close(double actual, double expected, double abs_tol, double rel_tol, const char* text,
                        const char* file, int line) {
  const double allowed = abs_tol + rel_tol * std::abs(expected);
  if (std::abs(actual - expected) <= allowed) return;  // false for NaN
  std::ostringstream message;
  message.precision(17);
  message << text << ": " << actual << " is not " << expected << " (differs by " << actual - expected << ", allowed "
          << allowed << ")";
  fail(file, line, message.str());
}

inline int run_all(int argc, char** argv) {
  int failed = 0;
  int skipped = 0;
  int run = 0;
  for (const Test& test : tests()) {
    bool is_chosen = argc < 2;
    for (int i = 1; i < argc; ++i)
      is_chosen = is_chosen || std::string_view(test.name).find(argv[i]) != std::string_view::npos;
    if (!is_chosen) continue;
    ++run;
    failures() = 0;
    try {
      test.body();
    } catch (const Skipped& reason) {
      ++skipped;
      std::printf("skip %s: %s\n", test.name, reason.reason.c_str());
      continue;
    } catch (const std::exception& error) {
      fail(__FILE__, __LINE__, std::string("unexpected exception: ") + error.what());
    }
    std::printf("%s %s\n", failures() == 0 ? "ok  " : "FAIL", test.name);
    if (failures() != 0) ++failed;
  }
  std::printf("%d passed, %d failed, %d skipped\n", run - failed - skipped, failed, skipped);
  if (failed != 0) return 1;
  return run > 0 && skipped == run ? 77 : 0;
}

}  // namespace mofkernel::check

#define TEST(name)                                                          \
  static void name();                                                       \
  static const ::mofkernel::check::Registrar name##_registrar(#name, name); \
  static void name()

#define CHECK(condition)                                                                     \
  do {                                                                                       \
    if (!(condition)) ::mofkernel::check::fail(__FILE__, __LINE__, "not true: " #condition); \
  } while (false)

#define CHECK_CLOSE(actual, expected, abs_tol, rel_tol) \
  ::mofkernel::check::check_close((actual), (expected), (abs_tol), (rel_tol), #actual, __FILE__, __LINE__)

/// The statement must throw a KernelError with this code.
#define CHECK_THROWS_CODE(statement, expected_code)                                                      \
  do {                                                                                                   \
    bool has_thrown = false;                                                                             \
    try {                                                                                                \
      statement;                                                                                         \
    } catch (const ::mofkernel::KernelError& error) {                                                    \
      has_thrown = true;                                                                                 \
      if (error.code() != (expected_code))                                                               \
        ::mofkernel::check::fail(__FILE__, __LINE__, std::string("wrong error code: ") + error.what());  \
    }                                                                                                    \
    if (!has_thrown) ::mofkernel::check::fail(__FILE__, __LINE__, "nothing was thrown by: " #statement); \
  } while (false)

#define SKIP(reason) \
  throw ::mofkernel::check::Skipped { reason }

int main(int argc, char** argv) { return ::mofkernel::check::run_all(argc, argv); }
