// What a bare pointer of a device shows, on the host.
#pragma once

#include <vector>

#include "backend/backend.hpp"

namespace mofkernel::MOFK_NS {

template <class T>
std::vector<T> copy_from_device(const Context& context, const T* device, std::size_t n) {
  Buffer<T> copy(context, n);
  T* const out = copy.data();
  parallel_for(context, static_cast<int>(n), MOFK_LAMBDA(int k) { out[k] = device[k]; });
  return copy.to_host();
}

}  // namespace mofkernel::MOFK_NS
