import { openDocuments } from './access/documents.ts';
import type { GuardedFetch } from './access/guarded-fetch.ts';
import { lookInDomains, type Resolvers, resolversOf } from './access/look-in-domains.ts';
import { openOutside } from './access/outside.ts';
import type { PostgresConfig } from './config.ts';
import { checkDomainKind } from './domain/check-domain-effect.ts';
import { proofMailKind } from './domain/claim-proof.ts';
import { refusalKind } from './domain/partner-application.ts';
import { mailKind } from './domain/sign-in-link.ts';
import type { Performers } from './effects/effect.ts';
import { resend } from './effects/mail/resend.ts';
import { sendMail } from './effects/mail/send.ts';
import { sendProof } from './effects/mail/send-proof.ts';
import { sendRefusal } from './effects/mail/send-refusal.ts';
import type { MailTransport } from './effects/mail/transport.ts';
import { checkDomain } from './effects/organizations/check-domain.ts';
import type { Outside } from './operations/outside.ts';
import type { PasskeyVerifier } from './operations/passkey-verifier.ts';
import type { SignInProvider } from './operations/sign-in-provider.ts';

/** What a process has that finds out who somebody is: how strangers are looked up, and what is done about that after a commit. */
export interface IdentityHands {
  readonly outside: Outside;
  readonly performers: Performers;
}

export interface IdentityParts {
  /** How documents are fetched whose addresses anybody may name; as everything else outside unless given. */
  readonly fetchDocuments?: GuardedFetch | undefined;
  /** Who is asked for the TXT records that prove a domain. Without them no such proof is found. */
  readonly resolvers?: Resolvers | undefined;
  /** How mail leaves. Without it none does, and what was to be mailed is left to a person. */
  readonly mail?: MailTransport | undefined;
  /** Where people sign in otherwise than by mail. */
  readonly signIn?: SignInProvider | undefined;
  /** What checks passkeys. Without it none can be added or used here. */
  readonly passkeys?: PasskeyVerifier | undefined;
}

/** What the environment says of it, and what an entry adds: pages sign people in, a Node process fetches documents in its own way. */
export function identityFrom(
  settings: Pick<PostgresConfig, 'resend' | 'dnsUrl' | 'dnsSecondUrl'> & { readonly fetchOutside: GuardedFetch },
  more: Omit<IdentityParts, 'resolvers'> = {},
) {
  const mail = settings.resend && resend(settings.fetchOutside, settings.resend);
  return identityHands({ resolvers: resolversOf(settings), mail, ...more });
}

export function identityHands({ fetchDocuments, resolvers, mail, signIn, passkeys }: IdentityParts) {
  return ({ fetchOutside, now }: { readonly fetchOutside: GuardedFetch; readonly now: () => Date }): IdentityHands => {
    const documents = openDocuments({ fetchOutside: fetchDocuments ?? fetchOutside, now });
    return {
      outside: { ...openOutside(documents), ...(signIn && { signIn }), ...(passkeys && { passkeys }) },
      performers: {
        [mailKind]: { where: 'outside', perform: sendMail(mail ?? null) },
        [proofMailKind]: { where: 'outside', perform: sendProof(mail ?? null) },
        [refusalKind]: { where: 'outside', perform: sendRefusal(mail ?? null) },
        [checkDomainKind]: { where: 'inside', perform: checkDomain(lookInDomains(documents, resolvers)) },
      },
    };
  };
}
