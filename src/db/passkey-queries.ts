import type { OwnSession } from '../domain/passkey.ts';
import { many, one } from './query.ts';

/** Questions about passkeys and the sessions that they lift. Asked as the writer: readers are shown neither. */
export const passkeyQueries = {
  /** A session by the SHA-256 of its secret, in hex, and by what its person is known. */
  ownSession: (sessionHash: string) =>
    one<OwnSessionRow>(
      'sessions.own',
      `select s.person_id, s.created_at, s.expires_at, s.stepped_up_at, p.email
       from (select * from frontdesk.sessions s where s.session_hash = decode($1, 'hex') limit 1) s
       cross join lateral (select p.email from frontdesk.people p where p.person_id = s.person_id limit 1) p`,
      [sessionHash],
    ),

  /** Those of whoever has this session, oldest first. */
  passkeysOfSession: (sessionHash: string) =>
    many<PasskeyListed>(
      'passkeys.of_session',
      `select k.credential_id, k.transports, k.created_at, k.used_at
       from (select s.person_id from frontdesk.sessions s where s.session_hash = decode($1, 'hex') limit 1) s
       cross join lateral (select * from frontdesk.passkeys k where k.person_id = s.person_id order by k.created_at limit 100) k
       order by k.created_at, k.credential_id`,
      [sessionHash],
    ),

  passkey: (credentialId: string) =>
    one<PasskeyRow>(
      'passkeys.one',
      'select k.credential_id, k.person_id, k.public_key, k.counter, k.transports from frontdesk.passkeys k where k.credential_id = $1',
      [credentialId],
    ),
} as const;

export type OwnSessionRow = OwnSession & { readonly email: string };

export interface PasskeyListed {
  readonly credential_id: string;
  readonly transports: readonly string[];
  readonly created_at: string;
  readonly used_at: string | null;
}

export interface PasskeyRow {
  readonly credential_id: string;
  readonly person_id: string;
  /** COSE key, base64url. */
  readonly public_key: string;
  readonly counter: bigint;
  readonly transports: readonly string[];
}
