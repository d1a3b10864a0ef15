/** Relative luminance of "#rrggbb" (WCAG 2.2). */
export function luminance(hex: string): number {
  const value = Number.parseInt(hex.slice(1), 16);
  const channel = (shift: number) => {
    const c = ((value >> shift) & 255) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0);
}

export function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

export const DARK = "#030304";
export const LIGHT = "#ffffff";

/** Text that is readable on a world's accent. */
export function textOn(accent: string): string {
  return contrast(accent, DARK) >= contrast(accent, LIGHT) ? DARK : LIGHT;
}

/** What a translucent panel becomes over the brightest sky. */
export const PANEL = "#484a4e";

/** The accent as text or a line on our panels: lightened until it is readable. */
export function readableOnDark(accent: string): string {
  let value = Number.parseInt(accent.slice(1), 16);
  for (let i = 0; i < 40; i++) {
    const hex = `#${value.toString(16).padStart(6, "0")}`;
    if (contrast(hex, PANEL) >= 4.5) return hex;
    const lighter = (shift: number) => Math.min(255, Math.round((((value >> shift) & 255) + 12) * 1.04)) << shift;
    value = lighter(16) | lighter(8) | lighter(0);
  }
  return LIGHT;
}

export function validColour(text: string, fallback: string): string {
  return /^#[0-9a-f]{6}$/i.test(text) ? text : fallback;
}
