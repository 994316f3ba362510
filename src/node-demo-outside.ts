import { checkDomainKind } from './domain/check-domain-effect.ts';
import { challengeFile, challengeRecord } from './domain/domain-proof.ts';
import { ok } from './domain/result.ts';
import { secretHash } from './domain/secret.ts';
import { checkDomain, type LookForProof } from './effects/organizations/check-domain.ts';
import type { Stage } from './embedded/history/stage.ts';
import { identityHands } from './identity-hands.ts';
import { verifyOrganization } from './operations/organizations/verify.ts';
import { type Deps, perform } from './operations/perform.ts';

/** What lies outside the server while the history is played: domains that show what was published there, and letters that reach nobody. */
export interface DemoOutside extends Pick<Stage, 'publish'> {
  /** For `createWorld`: looks there, and writes there. */
  readonly identity: ReturnType<typeof identityHands>;
  /** As a person who opens the newest letter with a link, to this address. Rejects where there is none, or it is refused. */
  verifyAsInvited(door: PageDoor, email: string, wanted: Parameters<Stage['verifyAsInvited']>[1]): Promise<unknown>;
}

/** The server's pages, and its pipeline for what no page asks. */
export interface PageDoor {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly origin: string;
  readonly deps: Deps;
}

export function openDemoOutside(): DemoOutside {
  const published = new Map<string, string>();
  const links = new Map<string, string>();
  const look: LookForProof = async ({ domain, method, token }) => {
    const expected = method === 'dns_txt' ? challengeRecord(domain, token).value : challengeFile(domain, token).content;
    return published.get(domain) === expected ? 'proven' : 'absent';
  };
  return {
    identity(given) {
      const { outside, performers } = identityHands({
        async mail({ to, text }) {
          const link = /\/login\/\w+/.exec(text)?.[0];
          if (link !== undefined) links.set(to, link);
          return { sent: true };
        },
      })(given);
      return { outside, performers: { ...performers, [checkDomainKind]: { where: 'inside', perform: checkDomain(look) } } };
    },
    publish: (domain, text) => void published.set(domain, text),
    async verifyAsInvited(door, email, wanted) {
      const hash = secretHash(await signedIn(door, links.get(email)));
      const outcome = await perform(
        verifyOrganization,
        door.deps,
        {
          ...{ host: new URL(door.origin).hostname, credential: { kind: 'session', hash }, address: 'invited', network: 'invited' },
          ...{ resource: '', requestId: 'history', idempotencyKey: crypto.randomUUID() },
        },
        ok(wanted),
      );
      if (!outcome.ok) throw new Error(`The history could not be played: verify_organization was refused, ${outcome.refusal.code}`);
      return outcome.output;
    },
  };
}

/** The secret of the session that begins with the link. */
async function signedIn({ fetch, origin }: PageDoor, link: string | undefined): Promise<string> {
  if (link === undefined) throw new Error('The history could not be played: nobody was invited there');
  const headers = { Host: new URL(origin).host, Origin: origin, 'Content-Type': 'application/x-www-form-urlencoded' };
  const answer = await fetch(new Request(`${origin}${link}`, { method: 'POST', headers, redirect: 'manual' }));
  const session = answer.headers.getSetCookie().flatMap((cookie) => /^__Host-fd_session=([^;]+)/.exec(cookie)?.[1] ?? [])[0];
  if (session === undefined) throw new Error(`The history could not be played: a link of an invitation answered ${answer.status}`);
  return session;
}
