/** `bulk-modulus`, `listTasks` -> `BulkModulus`, `ListTasks`. */
export function pascalCase(name: string): string {
  return name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
