/** A color or font of the theme, for what is not drawn by CSS. */
export function cssColor(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
