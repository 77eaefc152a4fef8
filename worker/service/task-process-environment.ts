// What a task process may see of our environment: what programs need to run, no keys and no tokens.

const INHERITED = [
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
  'OMP_NUM_THREADS',
  'OMP_PROC_BIND',
  'OMP_PLACES',
] as const;

/** @param added wins over what is inherited */
export function taskProcessEnvironment(
  own: Readonly<NodeJS.ProcessEnv>,
  added: Readonly<Record<string, string>>,
): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => {
    const value = own[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(inherited), ...added };
}
