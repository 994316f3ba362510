import { forbiddenKeys } from './json.ts';

/** Turn a stranger's name into a slug `[a-z][a-z0-9_]{0,62}` that is not yet in `taken`, and add it there. */
export function claimSlug(original: string, fallback: string, taken: Set<string>): string {
  const base = slugify(original, fallback);
  let slug = base;
  for (let suffix = 2; taken.has(slug) || forbiddenKeys.has(slug); suffix += 1)
    slug = `${base.slice(0, 62 - String(suffix).length)}_${suffix}`;
  taken.add(slug);
  return slug;
}

function slugify(original: string, fallback: string): string {
  const words = original
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replaceAll('ß', 'ss')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+/, '');
  if (words === '') return fallback;
  const slug = (/^[a-z]/.test(words) ? words : `${fallback}_${words}`).slice(0, 63);
  return slug.replace(/_+$/, '');
}
