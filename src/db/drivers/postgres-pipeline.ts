import type { Connection, Submittable } from 'pg';
import type { WireResult, WireStatement } from './wire.ts';

/**
 * A whole batch as one query of `pg`: every statement's Parse, Bind, Describe and Execute, then a single Sync, in one write.
 *
 * Up to the Sync the server holds everything in one implicit transaction: it commits there, or, at the first failure, skips the
 * rest and rolls back (PostgreSQL manual, "Pipelining" in the message flow of the extended query protocol). So BEGIN and COMMIT
 * are not needed, the first error is the only one, and a commit that fails is an error too. The `pipeline` option of `pg`
 * sends a Sync per statement, and when it drops a statement on the client's side the COMMIT behind it is still sent.
 */
export class PipelinedBatch implements Submittable {
  readonly #statements: readonly WireStatement[];
  readonly #prepared: Set<string> | undefined;
  readonly #done: (failure: unknown, results: readonly WireResult[]) => void;
  readonly #results: WireResult[] = [];
  #fields: WireResult['fields'] = [];
  #rows: (readonly (string | null)[])[] = [];

  /** `prepared` names the statements that this connection already holds, and is added to; without it statements are unnamed. */
  constructor(
    statements: readonly WireStatement[],
    prepared: Set<string> | undefined,
    done: (failure: unknown, results: readonly WireResult[]) => void,
  ) {
    this.#statements = statements;
    this.#prepared = prepared;
    this.#done = done;
  }

  submit(connection: Connection): void {
    connection.stream.cork();
    const sent = new Set(this.#prepared);
    for (const { name, text, params } of this.#statements) {
      const statement = this.#prepared === undefined ? '' : name;
      if (statement === '' || !sent.has(statement)) {
        // A batch that failed may have left this name behind; closing a name that does not exist is not an error.
        if (statement !== '') connection.close({ type: 'S', name: statement }, true);
        connection.parse({ name: statement, text, types: [] }, true);
        sent.add(statement);
      }
      connection.bind({ statement, values: [...params] }, true);
      connection.describe({ type: 'P', name: '' }, true);
      connection.execute({}, true);
    }
    connection.sync();
    connection.stream.uncork();
  }

  handleRowDescription(message: { readonly fields: WireResult['fields'] }): void {
    this.#fields = message.fields;
  }

  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    this.#rows.push(message.fields);
  }

  handleCommandComplete(): void {
    const name = this.#statements[this.#results.length]?.name;
    if (name !== undefined) this.#prepared?.add(name);
    this.#results.push({ fields: this.#fields, rows: this.#rows });
    this.#fields = [];
    this.#rows = [];
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete();
  }

  handleError(failure: unknown): void {
    this.#done(failure, []);
  }

  /** The answer to the Sync: the transaction is committed. */
  handleReadyForQuery(): void {
    this.#done(undefined, this.#results);
  }
}
