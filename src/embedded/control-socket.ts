import { randomBytes } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { findOwner, type LockRecord } from './lock.ts';
import { hasCode } from './private-file.ts';

/** What the process that owns the data folder does for others, by the name of the command. Values must be JSON. */
export type CommandHandlers = Readonly<Record<string, (args: unknown) => Promise<unknown>>>;

/** The owner refused a command or failed at it; the message is meant for the person at the terminal. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

/**
 * Runs a command in the process that owns the data folder; waits up to a minute while that process starts, and two for the answer.
 * @returns the command's value, or 'not-running' when nobody owns the folder.
 * @throws ControlError when the command failed, is unknown, or its outcome cannot be known because the owner went away.
 */
export async function callControl(folderPath: string, name: string, args: unknown): Promise<unknown | 'not-running'> {
  const folder = resolve(folderPath);
  const deadline = performance.now() + 60_000;
  for (;;) {
    const owner = await findOwner(folder);
    if (owner === undefined) return 'not-running';
    const answer = await post(owner, name, args);
    if (answer?.ok) return answer.value;
    if (answer !== undefined && answer.error !== starting) throw new ControlError(answer.error);
    if (performance.now() > deadline) throw new ControlError(`Process ${owner.pid}, which owns ${folder}, does not finish starting.`);
    await sleep(100);
  }
}

export interface ControlSocket {
  /** Path of the socket; of the named pipe on Windows. */
  readonly socket: string;
  setHandlers(handlers: CommandHandlers): void;
  /** Refuses further commands and resolves when the running ones are answered. */
  finishCommands(): Promise<void>;
  close(): Promise<void>;
}

/** Listens on a socket that nobody else uses: `POST /commands/{name}` with JSON arguments and the token as bearer. */
export async function listenForCommands(folder: string, token: string): Promise<ControlSocket> {
  const desk: Desk = { handlers: undefined, finishing: false, running: new Set() };
  const server = createServer((incoming, outgoing) => {
    answer(desk, token, incoming).then(
      ({ status, body }) => outgoing.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' }).end(body),
      () => outgoing.destroy(),
    );
  });
  const socket = await listenSomewhere(server, socketPaths(folder));
  const finishCommands = async () => {
    desk.finishing = true;
    await Promise.allSettled(desk.running);
  };
  return {
    socket,
    setHandlers: (handlers) => {
      desk.handlers = handlers;
    },
    finishCommands,
    close: async () => {
      await finishCommands();
      const patience = setTimeout(() => server.closeAllConnections(), 1000);
      await new Promise<void>((closed) => server.close(() => closed()));
      clearTimeout(patience);
    },
  };
}

const starting = 'The server is starting.';
const commandPath = /^\/commands\/([a-z][a-z0-9_:.-]{0,63})$/;
const bodyLimit = 1024 * 1024;

interface Desk {
  handlers: CommandHandlers | undefined;
  finishing: boolean;
  readonly running: Set<Promise<unknown>>;
}

interface Reply {
  readonly status: number;
  readonly body: string;
}

/** Judges one request and runs its command. Rejects only when the connection breaks while the body is read. */
async function answer(desk: Desk, token: string, incoming: IncomingMessage): Promise<Reply> {
  const name = commandPath.exec(incoming.url ?? '')?.[1];
  if (incoming.headers.authorization !== `Bearer ${token}`) return refusal(401, 'The credential is the token in the lock file.');
  if (name === undefined) return refusal(404, 'There is only POST /commands/{name} here.');
  if (incoming.method !== 'POST') return refusal(405, 'Use POST.');
  const text = await readBody(incoming);
  if (text === undefined) return refusal(413, 'The arguments are larger than 1 MB.');
  if (desk.finishing) return refusal(503, 'The server is stopping.');
  if (desk.handlers === undefined) return refusal(503, starting);
  const handler = Object.hasOwn(desk.handlers, name) ? desk.handlers[name] : undefined;
  if (handler === undefined) return refusal(404, 'The running server does not know this command: is it of the same version?');
  const args = parseJson(text);
  if (args === undefined) return refusal(400, 'The arguments are not JSON.');
  const running = run(handler, args.value);
  desk.running.add(running);
  return running.finally(() => desk.running.delete(running));
}

async function run(handler: (args: unknown) => Promise<unknown>, args: unknown): Promise<Reply> {
  try {
    return { status: 200, body: JSON.stringify({ ok: true, value: (await handler(args)) ?? null }) };
  } catch (error) {
    return refusal(500, error instanceof Error ? error.message : 'The command failed.');
  }
}

function refusal(status: number, error: string): Reply {
  return { status, body: JSON.stringify({ ok: false, error }) };
}

async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    if (!(chunk instanceof Uint8Array)) continue;
    size += chunk.length;
    if (size > bodyLimit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

const answerShape = z.union([z.object({ ok: z.literal(true), value: z.unknown() }), z.object({ ok: z.literal(false), error: z.string() })]);

/** @returns undefined when nobody listens there any more, and so nothing was done. */
async function post(owner: LockRecord, name: string, args: unknown): Promise<z.output<typeof answerShape> | undefined> {
  const path = `/commands/${name}`;
  if (!commandPath.test(path)) throw new ControlError('This cannot be the name of a command.');
  const body = JSON.stringify(args ?? null);
  if (Buffer.byteLength(body) > bodyLimit) throw new ControlError('The arguments are larger than 1 MB.');
  const headers = { Authorization: `Bearer ${owner.token}`, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  try {
    const text = await new Promise<string>((done, failed) => {
      const signal = AbortSignal.timeout(120_000);
      const outgoing = request({ socketPath: owner.socket, method: 'POST', path, headers, agent: false, signal }, (incoming) => {
        incoming
          .setEncoding('utf8')
          .toArray({ signal })
          .then((chunks) => done(chunks.join('')), failed);
      });
      outgoing.once('error', failed).end(body);
    });
    return answerShape.parse(JSON.parse(text));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ECONNREFUSED')) return undefined;
    throw new ControlError(`Process ${owner.pid} gave no usable answer: whether the command took effect is unknown.`, { cause: error });
  }
}

/** Unix sockets have short names (104 bytes on macOS, 108 on Linux, with the final zero), and some mounted folders take none. */
function socketPaths(folder: string): string[] {
  const id = randomBytes(6).toString('hex');
  if (process.platform === 'win32') return [`\\\\.\\pipe\\frontdesk-${id}`];
  const paths = [join(folder, `control-${id}.sock`), join(tmpdir(), `frontdesk-${id}.sock`), `/tmp/frontdesk-${id}.sock`];
  return paths.filter((path) => Buffer.byteLength(path) <= 103);
}

/** Listens at the first of the paths that works, for this user only. */
async function listenSomewhere(server: Server, paths: readonly string[]): Promise<string> {
  const errors: unknown[] = [];
  for (const path of paths) {
    try {
      await new Promise<void>((listening, failed) => {
        server.once('error', failed).listen(path, () => {
          server.off('error', failed);
          listening();
        });
      });
      if (process.platform !== 'win32') await chmod(path, 0o600);
      return path;
    } catch (error) {
      errors.push(error);
    }
  }
  throw new AggregateError(errors, 'No control socket could be opened, neither in the data folder nor in the temporary folder.');
}
