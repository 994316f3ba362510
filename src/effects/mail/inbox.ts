import type { Mail, MailTransport } from './transport.ts';

/** Mail of a development server: it goes nowhere, is printed, and the last fifty letters stay in memory. */
export interface DevelopmentInbox {
  readonly transport: MailTransport;
  /** Oldest first. */
  readonly letters: readonly Mail[];
}

export function openInbox(print: (text: string) => void = () => undefined): DevelopmentInbox {
  const letters: Mail[] = [];
  const keys = new Set<string>();
  return {
    letters,
    async transport(mail, key) {
      if (keys.has(key)) return { sent: true };
      keys.add(key);
      letters.push(mail);
      if (letters.length > most) letters.shift();
      print(`\nMail to ${mail.to}: ${mail.subject}\n\n${mail.text.replace(/^(?=.)/gm, '  ')}`);
      return { sent: true };
    },
  };
}

const most = 50;
