import { qualifiedCounter } from '../domain/referral-step.ts';

/**
 * The counters of the reward caps of some terms, and how many qualified referrals there are, as JSON: an expression. `terms`: canonical terms by version; `spans`: the names of the calendar
 * spans that matter, an array; `subjects`: a query of whom the caps are counted for, its column `subject`. Each counter is looked up by its key.
 */
export const capUse = (terms: string, spans: string, subjects: string): string =>
  `(select coalesce(jsonb_agg(jsonb_build_object('name', c.name, 'subject', c.subject, 'value', c.value::text)), '[]')
    from (
      select distinct 'rewards.' || (cap ->> 'per') || '.' || (cap ->> 'currency') || '.' || span as name
      from jsonb_each_text(${terms}) v (version, terms), jsonb_array_elements(v.terms::jsonb #> '{reward,caps}') cap, unnest(${spans}::text[]) span
      union select '${qualifiedCounter}') n
    cross join (${subjects}) x
    cross join lateral (
      select * from frontdesk.counters c where c.name = n.name and c.subject = x.subject limit 1) c)`;
