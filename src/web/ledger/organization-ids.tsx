import type { Locale } from '../locale.ts';
import { Id } from '../parts/text.tsx';
import { administrationWords } from '../words/administration.ts';

const mostShown = 3;

/** Organizations by their ids, each leading to its page; of many the first few. */
export function OrganizationIds({ ids, locale, all }: { ids: readonly string[]; locale: Locale; all?: boolean }) {
  const shown = all ? ids : ids.slice(0, mostShown);
  if (ids.length === 0) return <span class="soft">–</span>;
  return (
    <>
      {shown.map((id, at) => (
        <>
          {at === 0 ? null : ', '}
          <Id id={id} href={organizationPath(id)} />
        </>
      ))}
      {shown.length < ids.length ? ` ${administrationWords[locale].more(ids.length - shown.length)}` : null}
    </>
  );
}

export const organizationPath = (id: string): string => `/ledger/organizations/${id}`;
