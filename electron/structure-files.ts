// Which arguments of a command line are structure files.

const NAMES = /\.(?:cif|xyz|extxyz|poscar|vasp)$|(?:^|[\\/])(?:POSCAR|CONTCAR)[^\\/]*$/i;

/** Chromium and Electron add switches of their own; whatever starts with a dash is none of ours. */
export function structureFilesOf(args: readonly string[]): string[] {
  return args.filter((arg) => !arg.startsWith('-') && NAMES.test(arg));
}
