import type { MailKind } from '../../domain/sign-in-link.ts';
import type { Mail } from './transport.ts';

/** What a letter says. Beside these words it holds the vendor's name, as its vendor file has it, and a link: nothing that a stranger wrote. */
export function letter(kind: MailKind, { vendor, url, minutes }: LetterFacts): Omit<Mail, 'to'> {
  return filled(letters[kind], { vendor, url, minutes });
}

/** To whom a workspace may belong soon: nothing in it was written by the agent that opened it, nor by whoever typed the address. */
export function proofLetter(facts: LetterFacts): Omit<Mail, 'to'> {
  return filled(
    {
      subject: 'Confirm your address for {vendor}',
      lines: [
        'Somebody who gave this address wants to take over a workspace that an AI agent opened for your company at {vendor}.',
        'If it was you, open this link in the browser where you gave the address, and press the button there:',
        '',
        '{url}',
        '',
        'It works once, for {left}. It confirms your address and does nothing else.',
        'If it was not you, you need not do anything: nobody can take anything over with this mail alone.',
      ],
    },
    facts,
  );
}

function filled({ subject, lines }: Letter, { vendor, url, minutes }: LetterFacts): Omit<Mail, 'to'> {
  const words: Readonly<Record<string, string>> = { vendor, url, left: timeLeft(minutes) };
  // In one pass: what is filled in is not looked at again.
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: string) => words[name] ?? '');
  return { subject: fill(subject), text: `${lines.map(fill).join('\n')}\n` };
}

export interface LetterFacts {
  readonly vendor: string;
  readonly url: string;
  /** For how long the link can still be used. */
  readonly minutes: number;
}

interface Letter {
  readonly subject: string;
  readonly lines: readonly string[];
}

const letters: Readonly<Record<MailKind, Letter>> = {
  sign_in: {
    subject: 'Sign in to {vendor}',
    lines: [
      'Open this link in the browser where you asked for it, and press the button there:',
      '',
      '{url}',
      '',
      'It works once, for {left}.',
      'If you did not ask for it, you need not do anything: nobody can sign in with this mail alone.',
    ],
  },
  invitation: {
    subject: 'You are invited to {vendor}',
    lines: [
      'Somebody at {vendor} invited you to its referral ledger. Open this link and press the button there:',
      '',
      '{url}',
      '',
      'It works once, for {left}. Whoever has it can use it, so do not pass it on.',
      'If you did not expect it, you need not do anything.',
    ],
  },
};

function timeLeft(minutes: number): string {
  if (minutes < 120) return `${Math.max(1, Math.floor(minutes))} minutes`;
  return minutes < 2880 ? `${Math.floor(minutes / 60)} hours` : `${Math.floor(minutes / 1440)} days`;
}
