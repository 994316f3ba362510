import type * as z from 'zod';
import type { searchWorkspaces } from '../../operations/workspaces/search.ts';
import { Remaining } from '../parts/remaining.tsx';
import { Instant, Stranger } from '../parts/text.tsx';
import { workspacesWords } from '../words/workspaces.ts';
import type { Scene } from './definition.ts';

export type FoundWorkspace = z.output<typeof searchWorkspaces.output>['data'][number];

/** The company that it is for, as somebody wrote it, or masked. `brief`: its domain on hover only. */
export function Prospect({ written, brief }: { written: Readonly<Record<string, unknown>>; brief?: boolean }) {
  const prospect = written.prospect;
  const { name, domain } = typeof prospect === 'object' && prospect !== null ? (prospect as Readonly<Record<string, unknown>>) : {};
  const [title, address] = [name, domain].map((text) => (typeof text === 'string' && text !== '' ? text : null));
  if (!title && !address) return <span class="soft">–</span>;
  if (brief) {
    return (
      <span title={address ?? undefined}>
        <Stranger>{title ?? address}</Stranger>
      </span>
    );
  }
  return (
    <>
      <Stranger>{title ?? address}</Stranger>
      {title && address ? (
        <>
          {' '}
          <span class="soft small">
            <Stranger>{address}</Stranger>
          </span>
        </>
      ) : null}
    </>
  );
}

export function Organization({ of, scene: { locale } }: { of: FoundWorkspace; scene: Scene }) {
  const { organization_id, organization_domain, untrusted } = of;
  if (organization_id === null) return <span class="soft">{workspacesWords[locale].anonymous}</span>;
  const name = typeof untrusted.organization_name === 'string' ? untrusted.organization_name : null;
  return (
    <a href={`/ledger/organizations/${organization_id}`}>
      <Stranger>{name ?? organization_domain ?? organization_id}</Stranger>
    </a>
  );
}

export function Ends({ of, now, scene: { locale } }: { of: FoundWorkspace; now: Date; scene: Scene }) {
  if (of.status === 'claimed') return <span class="soft">{workspacesWords[locale].kept}</span>;
  if (of.status === 'active') return <Remaining until={of.expires_at} now={now} locale={locale} />;
  return (
    <span class="soft">
      <Instant at={of.ended_at ?? of.expires_at} locale={locale} day />
    </span>
  );
}
