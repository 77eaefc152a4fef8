interface MemoryInUse {
  readonly memory_used_mb: number;
  readonly memory_total_mb: number;
}

/** 3.1 / 24.0 GiB */
export function gibText({ memory_used_mb, memory_total_mb }: MemoryInUse): string {
  const gib = (megabytes: number): string => (megabytes / 1024).toFixed(1);
  return `${gib(memory_used_mb)} / ${gib(memory_total_mb)} GiB`;
}
