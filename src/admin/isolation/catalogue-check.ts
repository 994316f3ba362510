import type { Statement } from '../../db/batch.ts';
import { type CatalogueFact, type FactKind, readCatalogue, withoutSearchPath } from './catalogue-facts.ts';
import { policyTexts } from './policy-texts.ts';
import { type TableShape, tableShapes } from './tenant-tables.ts';
import { triggerText } from './trigger-texts.ts';

/** Something that is not as it has to be. Names tables, roles and rules, never a tenant or anything of its content. */
export interface Finding {
  readonly rule: string;
  /** What it is about, in words of the catalogue. */
  readonly where: string;
}

/** The statements that ask the catalogue, as any role may. The last one answers what `judgeCatalogue` takes. */
export const catalogueStatements: readonly [Statement<void>, Statement<readonly CatalogueFact[]>] = [withoutSearchPath, readCatalogue];

/**
 * What the catalogue says that it must not say, and what it should say and does not: row-level security, policies to the letter, grants,
 * triggers, keys that begin with the tenant, functions with a fixed search path, roles without power. `[]`: all is well.
 */
export function judgeCatalogue(facts: readonly CatalogueFact[]): readonly Finding[] {
  const seen = new Set(facts.map(({ kind, fact }) => `${kind} ${fact}`));
  const expected = new Set(expectedFacts().map(({ kind, fact }) => `${kind} ${fact}`));
  const strange = facts.filter(({ kind, fact }) => !expected.has(`${kind} ${fact}`));
  const missing = expectedFacts().filter(({ kind, fact }) => !seen.has(`${kind} ${fact}`));
  return [
    ...strange.map(({ kind, fact }) => ({ rule: `${kind}.unexpected`, where: short(fact) })),
    ...missing.map(({ kind, fact }) => ({ rule: `${kind}.missing`, where: short(fact) })),
  ];
}

/** How many facts are compared, and rules asked for. */
export const catalogueChecks = (): number => expectedFacts().length + ruleCount;

/** Kinds of facts that must not be there at all. */
const ruleCount = 11;

const short = (fact: string): string => (fact.length > 100 ? `${fact.slice(0, 100)}…` : fact);

function expectedFacts(): readonly CatalogueFact[] {
  return [...tableShapes().flatMap(factsOf), ...always];
}

const always: readonly CatalogueFact[] = [
  ...['frontdesk_reader', 'frontdesk_writer'].map((role) => ({ kind: 'grant' as const, fact: `schema ${role} USAGE` })),
  ...['enter', 'open_desk', 'prospect_with'].map((name) => ({ kind: 'function' as const, fact: `${name} for frontdesk_reader` })),
  // Before a request has a context they find it, or count it; or they look up what their caller may not read. They are the writer's own: of
  // the owner's rights they have none.
  ...['charge', 'charge_all', 'enter', 'open_desk', 'prospect_with'].map((name) => ({
    kind: 'function' as const,
    fact: `${name} as frontdesk_writer`,
  })),
];

function factsOf(shape: TableShape): readonly CatalogueFact[] {
  const { table, reader } = shape;
  const open = table === 'tenant_hosts' || table === 'due_work';
  const fact = (kind: FactKind) => (text: string) => ({ kind, fact: `${table} ${text}` });
  return [
    fact('table')(open ? 'r' : 'r enabled forced'),
    ...policyTexts(open ? '*' : reader).map(fact('policy')),
    ...grantsOf(shape).map(fact('grant')),
    ...shape.triggers.map((trigger) => fact('trigger')(triggerText(table, trigger))),
  ];
}

function grantsOf({ reader, seen, update, delete: erases }: TableShape): readonly string[] {
  const ofWriter = [
    ...['SELECT', 'INSERT', ...(update === 'all' ? ['UPDATE'] : []), ...(erases ? ['DELETE'] : [])],
    ...(update === 'all' ? [] : update.map((column) => `UPDATE (${column})`)),
  ];
  const ofReader = reader === '-' ? [] : seen === 'all' ? ['SELECT'] : seen.map((column) => `SELECT (${column})`);
  return [...ofReader.map((grant) => `frontdesk_reader ${grant}`), ...ofWriter.map((grant) => `frontdesk_writer ${grant}`)];
}
