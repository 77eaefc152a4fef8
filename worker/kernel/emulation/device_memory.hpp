// The memory of the emulated device: addresses that only kernels and copies may use, none of them used twice.
#pragma once

#include <cstddef>

namespace mofkernel::emulation {

/// Null when the device has no room left.
void* allocate_device_memory(std::size_t bytes);
/// False when `data` is not the begin of an allocation.
bool free_device_memory(void* data);
std::size_t free_device_bytes();

/// Kernels run between these two; outside of them every access to device memory faults. The second fails when somebody
/// has written next to an allocation.
void open_device_memory();
void close_device_memory();
/// Opens, for a copy, the one allocation that holds all of it; fails when there is none.
void use_device_memory(const void* place, std::size_t bytes, const char* what);
bool is_device_memory(const void* place);

/// Where an address lies, in words, for reports.
const char* describe_device_address(const void* place);
}  // namespace mofkernel::emulation
