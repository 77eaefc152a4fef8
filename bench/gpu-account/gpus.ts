// The GPUs that the account is for: what their makers publish, and how many blocks they hold.

export interface Gpu {
  name: string;
  /** As in sm_90. */
  architecture: number;
  multiprocessors: number;
  clockGHz: number;
  memoryTBs: number;
  float32Tflops: number;
  float64Tflops: number;
  registersPerMultiprocessor: number;
  sharedBytesPerMultiprocessor: number;
  warpsPerMultiprocessor: number;
  blocksPerMultiprocessor: number;
}

/** NVIDIA's data sheets and the CUDA C++ Programming Guide, "Technical Specifications per Compute Capability". */
export const gpus: readonly Gpu[] = [
  {
    name: 'H200',
    architecture: 90,
    multiprocessors: 132,
    clockGHz: 1.98,
    memoryTBs: 4.8,
    float32Tflops: 67,
    float64Tflops: 34,
    registersPerMultiprocessor: 65536,
    sharedBytesPerMultiprocessor: 228 * 1024,
    warpsPerMultiprocessor: 64,
    blocksPerMultiprocessor: 32,
  },
  {
    name: 'RTX 5090',
    architecture: 120,
    multiprocessors: 170,
    clockGHz: 2.41,
    memoryTBs: 1.79,
    float32Tflops: 105,
    float64Tflops: 1.64,
    registersPerMultiprocessor: 65536,
    sharedBytesPerMultiprocessor: 100 * 1024,
    warpsPerMultiprocessor: 48,
    blocksPerMultiprocessor: 24,
  },
];

const warp = 32;
const registersPerAllocation = 256;
const sharedPerAllocation = 128;
/** The system keeps so much of every block's shared memory on architecture 8.0 and later; cuobjdump counts it. */
export const reservedSharedBytes = 1024;

const roundedUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/** Blocks that one multiprocessor holds at once. `sharedBytes` of a block with what the system reserves. */
export function residentBlocks(gpu: Gpu, block: { threads: number; registers: number; sharedBytes: number }): number {
  const warps = Math.ceil(block.threads / warp);
  const registersPerWarp = roundedUp(Math.max(block.registers, 1) * warp, registersPerAllocation);
  return Math.min(
    gpu.blocksPerMultiprocessor,
    Math.floor(gpu.warpsPerMultiprocessor / warps),
    Math.floor(Math.floor(gpu.registersPerMultiprocessor / registersPerWarp) / warps),
    Math.floor(
      gpu.sharedBytesPerMultiprocessor /
        roundedUp(Math.max(block.sharedBytes, reservedSharedBytes), sharedPerAllocation),
    ),
  );
}

/** Share of the warps that a multiprocessor could hold. */
export function occupancy(gpu: Gpu, block: { threads: number; registers: number; sharedBytes: number }): number {
  return (residentBlocks(gpu, block) * Math.ceil(block.threads / warp)) / gpu.warpsPerMultiprocessor;
}
