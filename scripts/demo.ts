import { parseArgs } from 'node:util';
import { agentStory } from '../examples/agent-story.ts';
import { type BackOffice, openBackOffice } from '../examples/back-office.ts';
import type { Desk } from '../examples/desk.ts';
import { Disappointment } from '../examples/expectations.ts';
import { keyStory } from '../examples/key-story.ts';
import { moneyStory } from '../examples/money-story.ts';
import type { Narrator } from '../examples/narrator.ts';
import { overMcp } from '../examples/over-mcp.ts';
import { overRest } from '../examples/over-rest.ts';
import { type DemoFile, findServer, isReady, readDemoFile, startServer } from './demo-server.ts';

const usage = `Plays the main story as an outside agent would, and checks every step.

  npm run demo                 over REST
  npm run demo -- --mcp        over MCP
  npm run demo -- --url URL    against the server at URL

Without --url it asks the server whose demo.json is in FRONTDESK_DATA_DIR (.frontdesk). If none answers, it starts one with a
temporary data folder and stops it at the end. API keys are read from demo.json.`;

/** Answers the exit code. */
async function main(): Promise<number> {
  const { values } = parseArgs({ options: { mcp: { type: 'boolean' }, url: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const { demo, origin, stop } = await openServer(values.url);
  try {
    const [acme, procura] = demo.organizations;
    if (!acme || !procura) throw new Disappointment('demo.json holds no keys of two organizations.');
    const desk = values.mcp ? overMcp(values.url ? `${origin}/mcp` : demo.mcp_url) : overRest(origin);
    console.log(`\nThe story of an agent, over ${desk.door}\n${dim(`${origin}${stop ? ', started for this run' : ''}`)}\n`);
    const cast = { acme: acme.api_key, procura: procura.api_key, jwksUrl: `${origin}/.well-known/jwks.json` };
    await play(desk, origin, cast, officeOf(demo, origin));
  } finally {
    await stop?.();
  }
  return 0;
}

/** Null where no simulator stands in for Stripe. */
function officeOf({ events_key, stripe_simulator_url, stripe_simulator_token }: DemoFile, origin: string): BackOffice | null {
  if (!events_key || !stripe_simulator_url || !stripe_simulator_token) return null;
  const simulator = { simulatorUrl: stripe_simulator_url, simulatorToken: stripe_simulator_token };
  return openBackOffice({ origin, eventsKey: events_key, ...simulator });
}

interface Opened {
  readonly demo: DemoFile;
  readonly origin: string;
  /** Set when the server was started here. */
  readonly stop?: () => Promise<void>;
}

async function openServer(url: string | undefined): Promise<Opened> {
  const folder = process.env.FRONTDESK_DATA_DIR || '.frontdesk';
  if (url !== undefined) {
    if (!URL.canParse(url)) throw new Disappointment('--url takes an address such as http://localhost:8787.');
    const { origin } = new URL(url);
    if (!(await isReady(origin))) throw new Disappointment(`No server is ready at ${origin}.`);
    const demo = readDemoFile(folder);
    if (!demo)
      throw new Disappointment(`There is no demo.json with API keys in ${folder}; FRONTDESK_DATA_DIR names the folder of the server.`);
    return { demo, origin };
  }
  const running = await findServer(folder);
  if (running) return { demo: running, origin: running.api_url };
  console.log(dim('No server answers: starting one.'));
  const { demo, stop } = await startServer();
  return { demo, origin: demo.api_url, stop };
}

/** Tells the story on the terminal, and ends with what was proven. */
async function play(desk: Desk, origin: string, cast: Parameters<typeof agentStory>[1], office: BackOffice | null): Promise<void> {
  const began = performance.now();
  let number = 0;
  let proven = 0;
  const head = (title: string, end: string) => console.log(`${String(++number).padStart(2)}  ${bold(title.padEnd(titleWidth))}${dim(end)}`);
  const narrator: Narrator = {
    async step(title, work) {
      const facts: [string, string][] = [];
      const from = performance.now();
      try {
        const result = await work((label, fact) => facts.push([label, fact]));
        proven++;
        head(title, milliseconds(performance.now() - from));
        return result;
      } catch (error) {
        head(title, '    failed');
        throw error;
      } finally {
        for (const [label, fact] of facts) console.log(`    ${dim(label.padEnd(labelWidth))}${fact}`);
        console.log();
      }
    },
    skip(title, reason) {
      head(title, '   skipped');
      console.log(`    ${dim('instead'.padEnd(labelWidth))}${reason}\n`);
    },
  };
  try {
    await agentStory(desk, cast, narrator);
    await keyStory(desk, origin, narrator);
    if (office) await moneyStory(desk, office, cast, narrator);
    else narrator.skip('Let it pay', 'a real account at Stripe is connected: time does not pass on command there');
  } finally {
    await desk.close();
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const what = "signed facts, a sandbox in the prospect's shape, an offline receipt, one effect per key, one credit per reward";
  console.log(`Proven over ${desk.door} in ${seconds} s, ${proven} steps: ${what}.\n`);
}

const titleWidth = 44;
const labelWidth = 13;
const milliseconds = (ms: number): string => `${ms.toFixed(1).padStart(7)} ms`;

const colored = process.stdout.isTTY === true && !process.env.NO_COLOR;
const dim = (text: string): string => (colored ? `\u001b[2m${text}\u001b[22m` : text);
const bold = (text: string): string => (colored ? `\u001b[1m${text}\u001b[22m` : text);

/** `fetch` says why it failed only in its cause. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${wordsOf(error.cause)})`;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Disappointment ? error.message : `The demo could not go on: ${wordsOf(error)}`);
  process.exitCode = 1;
}
