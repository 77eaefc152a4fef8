// The host's memory, closed while a kernel runs: device code that follows a pointer of the host faults, as it would on
// a GPU, instead of finding what it looks for.
#pragma once

namespace mofkernel::emulation {

void open_host_heap();
void close_host_heap();
bool is_host_heap(const void* place);
bool is_host_heap_open();

}  // namespace mofkernel::emulation
