// For the tests of texts: two languages say the same things, with the same gaps to fill.

type Texts = Readonly<Record<string, string>>;

const placeholders = (text: string | undefined) => (text?.match(/\{\w+\}/g) ?? []).sort();

/** What differs: keys of one language alone, and those of which the placeholders differ; in the order of `en` the keys of both. */
export function disagreements(en: Texts, zh: Texts): string[] {
  const keys = [...new Set([...Object.keys(en), ...Object.keys(zh)])];
  const differ = keys.filter((key) => !(key in en && key in zh) || String(placeholders(en[key])) !== String(placeholders(zh[key])));
  const order = Object.keys(zh).filter((key, at) => Object.keys(en)[at] !== key);
  return [...new Set([...differ, ...order])];
}
