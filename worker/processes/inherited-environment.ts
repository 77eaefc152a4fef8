// What programs started by us may see of our environment. Everything else (keys, tokens) stays here.

const INHERITED_VARIABLES: readonly string[] = [
  'PATH',
  'HOME',
  'USERPROFILE',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SystemRoot',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'CUDA_VISIBLE_DEVICES',
  'CUDA_DEVICE_ORDER',
  'OMP_NUM_THREADS',
  'OMP_PROC_BIND',
  'OMP_PLACES',
  'OMP_WAIT_POLICY',
  'GOMP_SPINCOUNT',
];

/** The allow-listed part of `own`. */
export function inheritedEnvironment(own: Readonly<NodeJS.ProcessEnv>): Record<string, string> {
  const inherited: Record<string, string> = {};
  for (const name of INHERITED_VARIABLES) {
    const value = own[name];
    if (value !== undefined) inherited[name] = value;
  }
  return inherited;
}
