// What memory holds that nobody has written: a NaN as double and as float, a huge number as int.
#pragma once

#include <cstddef>
#include <cstring>

namespace mofkernel::emulation {

inline void fill_unknown(void* place, std::size_t bytes) {
  constexpr unsigned char kPattern[4] = {0xba, 0xad, 0xff, 0x7f};
  auto* const out = static_cast<unsigned char*>(place);
  for (std::size_t k = 0; k < bytes && k < 64; ++k) out[k] = kPattern[k % 4];
  for (std::size_t done = 64; done < bytes; done *= 2)
    std::memcpy(out + done, out, done < bytes - done ? done : bytes - done);
}

}  // namespace mofkernel::emulation
