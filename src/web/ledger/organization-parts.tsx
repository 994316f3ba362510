import type { Tier } from '../../domain/actor.ts';
import { listOrganizationJoins } from '../../operations/organizations/list-joins.ts';
import { count, percent } from '../format.ts';
import type { Locale } from '../locale.ts';
import { Tabs } from '../parts/tabs.tsx';
import { Badge, type Tone } from '../parts/text.tsx';
import { organizationsWords } from '../words/organizations.ts';
import type { Scene } from './definition.ts';

/** The pages of organizations, as far as who looks may open them. */
export function OrganizationTabs({ scene }: { scene: Scene }) {
  const words = organizationsWords[scene.locale];
  const parts = [
    { href: '/ledger/organizations', text: words.list },
    ...(scene.may(listOrganizationJoins) ? [{ href: '/ledger/organizations/waiting', text: words.waiting }] : []),
  ];
  return <Tabs label={words.parts} here={scene.url.pathname} parts={parts} />;
}

const tones: Readonly<Record<Tier, Tone>> = {
  anonymous: 'quiet',
  key_bound: 'quiet',
  domain_verified: 'info',
  payout_bound: 'good',
  attested: 'note',
};

export function TierBadge({ tier, locale }: { tier: Tier; locale: Locale }) {
  return <Badge tone={tones[tier]}>{organizationsWords[locale].tiers[tier]}</Badge>;
}

/** What keeps its rewards back. */
export function Stops({ frozen, disputed, locale }: { frozen: string | null; disputed: string | null; locale: Locale }) {
  const words = organizationsWords[locale];
  return (
    <>
      {disputed === null ? null : <Badge tone="warn">{words.disputed}</Badge>}
      {frozen === null ? null : <Badge tone="warn">{words.frozen}</Badge>}
    </>
  );
}

/** How many, and whether there are more than were counted. */
export const counted = (n: number, isAll: boolean, locale: Locale): string => `${count(n, locale)}${isAll ? '' : '+'}`;

export const share = (of: number | null, locale: Locale): string => (of === null ? '–' : percent(of, locale));
