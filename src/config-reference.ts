import { environment } from './environment.ts';
import { type Doc, environmentDocs } from './environment-docs.ts';

/** The table of all variables, as Markdown, for `docs/configuration.md`. */
export function configReference(): string {
  const rows = variables().map(({ name, doc, absent }) => `| \`${name}\` | ${doc.meaning} | ${doc.neededBy} | ${doc.make} | ${absent} |`);
  return ['| variable | meaning | who needs it | how to make it | when absent |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}

/** The content of `.env.example`: every variable that a person may set, commented out, so that a copy changes nothing. */
export function envExample(): string {
  const lines = ['# Copy to .env and set what you need. `npm start` needs none of it: without DATABASE_URL it runs its own database.'];
  let group: string | undefined;
  for (const { name, doc, absent, fallback } of variables()) {
    if (doc.group === 'Platform') continue;
    if (doc.group !== group) lines.push('', `# ---- ${doc.group} ----`);
    group = doc.group;
    lines.push('', ...wrap(doc.meaning), ...wrap(`Who: ${doc.neededBy}.`), ...wrap(`How: ${doc.make}.`), ...wrap(`Absent: ${absent}.`));
    lines.push(`# ${name}=${fallback}`);
  }
  return `${lines.join('\n')}\n`;
}

interface Variable {
  readonly name: string;
  readonly doc: Doc;
  readonly absent: string;
  /** The default as it would be written in an environment; empty when there is none. */
  readonly fallback: string;
}

function variables(): Variable[] {
  return environment.keyof().options.map((name) => {
    const doc = environmentDocs[name];
    const value = environment.shape[name].parse(undefined);
    const fallback = value === undefined ? '' : String(typeof value === 'boolean' ? Number(value) : value);
    return { name, doc, fallback, absent: doc.absent ?? `\`${fallback}\`` };
  });
}

/** Breaks a sentence into comment lines of at most 110 characters. */
function wrap(sentence: string): string[] {
  const lines = [''];
  for (const word of sentence.split(' ')) {
    const last = lines.pop() ?? '';
    if (last.length + word.length > 106) lines.push(last, ` ${word}`);
    else lines.push(`${last} ${word}`);
  }
  return lines.map((line) => `#${line}`);
}
