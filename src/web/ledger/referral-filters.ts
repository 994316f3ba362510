import { type ReferralStatus, referralStatuses } from '../../domain/referral-state.ts';

/** What the address of a list of referrals says, apart from the page it is at. Empty fields of a form say nothing. */
export interface ReferralFilters {
  readonly status?: string;
  readonly organization_id?: string;
  readonly agent_id?: string;
  readonly campaign?: string;
  readonly from?: string;
  readonly to?: string;
  readonly q?: string;
  readonly sort?: 'created' | '-created';
}

const names = ['organization_id', 'agent_id', 'campaign', 'from', 'to', 'q'] as const;

/** As the operation takes it: several statuses are one field there, and a box ticked each here. What cannot be used, the operation refuses. */
export function referralFilterOf({ searchParams }: URL): ReferralFilters {
  const statuses = searchParams.getAll('status').filter((one) => one !== '');
  const given = names.flatMap((name) => {
    const value = searchParams.get(name)?.trim();
    return value ? [[name, value]] : [];
  });
  return {
    ...Object.fromEntries(given),
    ...(statuses.length === 0 ? {} : { status: statuses.join(',') }),
    ...(searchParams.get('sort') === 'created' ? { sort: 'created' as const } : {}),
  };
}

/** The address that says this, and nothing that is empty: of the page, or of a file with the same filter. */
export function addressOf(path: string, filters: ReferralFilters, limit?: string): string {
  const params = new URLSearchParams();
  for (const name of ['q', 'status', ...names.slice(0, 5), 'sort'] as const) {
    const value = filters[name];
    if (name === 'status') for (const one of statusesOf(filters)) params.append(name, one);
    else if (value !== undefined) params.set(name, value);
  }
  if (limit !== undefined) params.set('limit', limit);
  const text = params.toString();
  return text === '' ? path : `${path}?${text}`;
}

export const statusesOf = ({ status }: ReferralFilters): readonly ReferralStatus[] =>
  referralStatuses.filter((one) => status?.split(',').includes(one));
