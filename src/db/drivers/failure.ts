import { ConnectionLost, DatabaseError } from '../batch.ts';

/** Tells a server's refusal (nothing was written) from a lost connection (outcome unknown). Takes whatever a driver threw. */
export function databaseFailure(thrown: unknown): DatabaseError | ConnectionLost {
  if (thrown instanceof DatabaseError || thrown instanceof ConnectionLost) return thrown;
  const message = thrown instanceof Error ? thrown.message : 'the database connection failed';
  const sqlState = textField(thrown, 'code');
  if (sqlState === undefined || !SQL_STATE.test(sqlState) || endsSession(sqlState, textField(thrown, 'severity'))) {
    return new ConnectionLost(message, { cause: thrown });
  }
  return new DatabaseError(message, sqlState, textField(thrown, 'constraint'), { cause: thrown });
}

/** Five characters with a digit among them, which keeps out the system error `EPIPE`. */
const SQL_STATE = /^(?=.*\d)[0-9A-Z]{5}$/;

/** Refused at the door (wrong password, no such database): certainly nothing was written, though the session ends. */
const REFUSED_AT_CONNECT = /^(?:28|3D)/;

/** Connection exceptions, shutdown and crash, completion unknown (PostgreSQL manual, appendix A). */
const SESSION_ENDS = /^(?:08|57P0|40003)/;

function endsSession(sqlState: string, severity: string | undefined): boolean {
  if (REFUSED_AT_CONNECT.test(sqlState)) return false;
  return SESSION_ENDS.test(sqlState) || severity === 'FATAL' || severity === 'PANIC';
}

function textField(thrown: unknown, field: string): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const value: unknown = Reflect.get(thrown, field);
  return typeof value === 'string' ? value : undefined;
}
