/** A letter in plain text. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/**
 * How mail leaves. `key` is the same whenever the same mail is sent again, so that it arrives once. `again`: it may go through later.
 * Never rejects; `error` is one of our own words.
 */
export type MailTransport = (
  mail: Mail,
  key: string,
) => Promise<
  | { readonly sent: true }
  | { readonly sent: false; readonly again: boolean; readonly error: string; readonly status?: number; readonly afterS?: number }
>;
