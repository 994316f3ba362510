/** What every driver sends and receives: parameters and columns in Postgres text format. */
import { type Context, contextStatement, type Results, type Row, type Statement } from '../batch.ts';
import { encodeValue, parserOf } from '../types.ts';

/** How long a driver waits for a batch before it reports the connection as lost. Longer than the server's statement timeout. */
export const PATIENCE_MS = 10_000;

export interface WireStatement {
  readonly name: string;
  readonly text: string;
  readonly params: readonly (string | null)[];
}

export interface WireResult {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** The batch as it is sent: the context first, then the statements. Throws on a programmer's error, before anything is sent. */
export function toWire(context: Context, statements: readonly Statement[]): WireStatement[] {
  return [contextStatement(context), ...statements].map(({ name, text, values }) => {
    assertOneText(name, text);
    return { name, text, params: values.map(encodeValue) };
  });
}

/** Reads the results of `toWire(context, statements)`; the context's own result comes first and is dropped. */
export function fromWire<S extends readonly Statement[]>(statements: S, results: readonly WireResult[]): Results<S> {
  const read = statements.map((statement, at) => {
    const result = results[at + 1];
    if (result === undefined) throw new Error('the server answered fewer statements than were sent');
    return statement.read(toRows(result));
  });
  // The one place where a list becomes the tuple that its statements promise.
  return read as Results<S>;
}

function toRows({ fields, rows }: WireResult): Row[] {
  const columns = fields.map(({ name, dataTypeID }) => ({ name, parse: parserOf(dataTypeID) }));
  return rows.map((cells) => {
    const row: Record<string, unknown> = {};
    for (const [at, { name, parse }] of columns.entries()) {
      const cell = cells[at];
      row[name] = cell === null || cell === undefined ? null : parse(cell);
    }
    return row;
  });
}

const MAX_NAME_LENGTH = 63;
const texts = new Map<string, string>();

/** A server keeps a prepared statement under its name: a second text under it would run the first one. */
function assertOneText(name: string, text: string): void {
  const known = texts.get(name);
  if (known === text) return;
  if (known !== undefined) throw new Error(`statement name ${name} has two texts`);
  if (name === '' || name.length > MAX_NAME_LENGTH) throw new Error(`a statement name has 1 to ${MAX_NAME_LENGTH} characters`);
  texts.set(name, text);
}
