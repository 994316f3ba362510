import { invariant } from '../../domain/result.ts';

/** A trigger as the catalogue prints it, from its short form in `tenant-tables.ts`: `name`, or `name:events:what`. */
export function triggerText(table: string, short: string): string {
  const [name = '', events = '', what = ''] = short.split(':');
  const text = texts[name]?.(table, events.replaceAll(',', ' or ').toUpperCase(), what);
  invariant(text !== undefined, 'every trigger of the list has a text');
  return `O ${text}`;
}

const deferred = (name: string, table: string, events: string, check: string): string =>
  `CREATE CONSTRAINT TRIGGER ${name} AFTER ${events} ON frontdesk.${table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION frontdesk.${check}()`;
const beforeInsert = (name: string, table: string, condition: string, does: string): string =>
  `CREATE TRIGGER ${name} BEFORE INSERT ON frontdesk.${table} FOR EACH ROW ${condition}EXECUTE FUNCTION frontdesk.${does}()`;

const texts: Readonly<Record<string, (table: string, events: string, what: string) => string>> = {
  append_only: (table, events) =>
    `CREATE TRIGGER append_only BEFORE ${events || 'DELETE OR UPDATE OR TRUNCATE'} ON frontdesk.${table} FOR EACH STATEMENT EXECUTE FUNCTION frontdesk.refuse_mutation()`,
  copy_identity: (table) => beforeInsert('copy_identity', table, '', 'copy_identity'),
  keep_published: (table) =>
    `CREATE TRIGGER keep_published AFTER INSERT OR UPDATE ON frontdesk.${table} FOR EACH ROW WHEN ((new.kind = 'capabilities'::text)) EXECUTE FUNCTION frontdesk.keep_published()`,
  stamp_transaction: (table) => beforeInsert('stamp_transaction', table, '', 'stamp_transaction'),
  balanced: (table) => deferred('balanced', table, 'INSERT', 'check_balanced'),
  in_order: (table, events, what) => deferred('in_order', table, events, `check_${what}`),
  not_held: (table) => beforeInsert('not_held', table, table === 'reward_transitions' ? releasing : '', 'refuse_held'),
};

const releasing =
  "WHEN (((new.to_state = 'fulfilling'::text) OR ((new.from_state = 'accrued'::text) AND (new.to_state = ANY (ARRAY['available'::text, 'fulfilled'::text]))))) ";
