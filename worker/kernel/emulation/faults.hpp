// Tells who touched memory that was closed to him.
#pragma once

namespace mofkernel::emulation {

/// From now on a fault is reported; the calling thread is the one that runs kernels.
void watch_for_faults();

}  // namespace mofkernel::emulation
