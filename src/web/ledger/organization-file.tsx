import type * as z from 'zod';
import type { getOrganizationFile } from '../../operations/organizations/get-file.ts';
import { count } from '../format.ts';
import { Instant, Stranger } from '../parts/text.tsx';
import { organizationsWords } from '../words/organizations.ts';
import { shellWords } from '../words/shell.ts';
import type { Scene } from './definition.ts';
import { OrganizationActions } from './organization-actions.tsx';
import { Agents, ApiKeys, Members, Proofs } from './organization-holdings.tsx';
import { counted, Stops, share, TierBadge } from './organization-parts.tsx';
import { Payees } from './organization-payees.tsx';
import { BalanceTiles, wordOf } from './reward-parts.tsx';

export type File = z.output<typeof getOrganizationFile.output>;

/** Everything about one organization that its reader may see. */
export function OrganizationFile({ file, scene }: { file: File; scene: Scene }) {
  const { locale } = scene;
  const { organization, balances, agents, api_keys, members, has_more } = file;
  const words = organizationsWords[locale];
  return (
    <div class="stack">
      <p class="small">
        <a href="/ledger/organizations">{shellWords[locale].nav_organizations}</a>
      </p>
      <div class="head">
        <h1>
          <Stranger>{organization.domain ?? organization.untrusted.name}</Stranger>
        </h1>
        <span class="row">
          <TierBadge tier={organization.tier} locale={locale} />
          <Stops frozen={organization.frozen_until} disputed={organization.disputed_since} locale={locale} />
        </span>
      </div>
      <div class="columns">
        <Facts file={file} scene={scene} />
        <Activity file={file} scene={scene} />
      </div>
      <section>
        <h2>{words.balances}</h2>
        {balances.length === 0 ? <p class="soft">{words.noBalances}</p> : <BalanceTiles balances={balances} locale={locale} />}
      </section>
      <Payees organization={organization} scene={scene} />
      <Agents agents={agents} hasMore={has_more.agents} organizationId={organization.id} scene={scene} />
      {api_keys === null ? null : <ApiKeys keys={api_keys} hasMore={has_more.api_keys} organizationId={organization.id} scene={scene} />}
      <Proofs proofs={organization.proofs} locale={locale} />
      {members === null ? null : <Members members={members} hasMore={has_more.members} locale={locale} />}
      <OrganizationActions organizationId={organization.id} scene={scene} />
    </div>
  );
}

function Facts({ file: { organization, next_tier }, scene: { locale } }: { file: File; scene: Scene }) {
  const words = organizationsWords[locale];
  return (
    <section class="panel">
      <h2>{words.facts}</h2>
      <dl>
        <dt>{words.name}</dt>
        <dd>
          <Stranger>{organization.untrusted.name}</Stranger>
        </dd>
        <dt>{words.domain}</dt>
        <dd>{organization.domain ?? words.noDomain}</dd>
        <dt>ID</dt>
        <dd>
          <span class="id whole">{organization.id}</span>
        </dd>
        <dt>{words.since}</dt>
        <dd>
          <Instant at={organization.created_at} locale={locale} day />
        </dd>
        {organization.frozen_until === null ? null : (
          <>
            <dt>{words.frozenUntil}</dt>
            <dd>
              <Instant at={organization.frozen_until} locale={locale} />
            </dd>
          </>
        )}
      </dl>
      {next_tier === null ? null : (
        <>
          <h3>
            {words.nextTier}: {words.tiers[next_tier.tier]}
          </h3>
          <ul>
            {next_tier.steps.map(({ code, operation }) => (
              <li>
                {wordOf(words.steps, code)}
                {operation === null ? null : <code class="small soft"> {operation}</code>}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Activity({ file: { organization, activity, held }, scene: { locale } }: { file: File; scene: Scene }) {
  const words = organizationsWords[locale];
  const { referrals, qualified, rewarded, conversion, is_all } = activity;
  return (
    <section class="panel">
      <h2>{words.referrals}</h2>
      <dl>
        <dt>{words.referrals}</dt>
        <dd>{counted(referrals, is_all, locale)}</dd>
        <dt>{words.qualified}</dt>
        <dd>{count(qualified, locale)}</dd>
        <dt>{words.rewarded}</dt>
        <dd>{count(rewarded, locale)}</dd>
        <dt>{words.held}</dt>
        <dd>{count(held, locale)}</dd>
        <dt>{words.conversion}</dt>
        <dd>{share(conversion, locale)}</dd>
      </dl>
      <p class="row">
        <a href={`/ledger/referrals?organization_id=${organization.id}`}>{words.itsReferrals}</a>
        <a href={`/ledger/rewards?organization_id=${organization.id}`}>{words.itsRewards}</a>
      </p>
      {is_all ? null : <p class="soft small">{words.counted(count(referrals, locale))}</p>}
    </section>
  );
}
