#include "report.hpp"

#include <cstdarg>
#include <cstdio>

#include "execution.hpp"

namespace mofkernel::emulation {

void fail(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  std::fputs("emulated device: ", stderr);
  std::vfprintf(stderr, format, arguments);
  va_end(arguments);
  std::fprintf(stderr, "%s\n", describe_position());
  std::abort();
}

}  // namespace mofkernel::emulation
