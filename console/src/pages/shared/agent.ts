/** What a browser calls itself, in a few words. */

const BROWSERS: [RegExp, string][] = [
  [/Firefox\//, 'Firefox'],
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Chrom(e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS/, 'macOS'],
  [/Linux/, 'Linux'],
];

export function agent(text: string): string {
  const name = (list: [RegExp, string][]) => list.find(([p]) => p.test(text))?.[1];
  return [name(BROWSERS), name(SYSTEMS)].filter(Boolean).join(', ') || text.slice(0, 40) || '–';
}
