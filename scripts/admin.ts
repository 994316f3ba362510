import { existsSync } from 'node:fs';
import type { AdminCommand } from '../src/admin/commands.ts';
import { readConfig } from '../src/config.ts';
import { callControl } from '../src/embedded/control-socket.ts';
import { openWorld } from '../src/open-world.ts';

/**
 * Runs an administrator's command where the data is: through the control socket while an embedded server runs, else directly.
 * The embedded database may be opened by one process only.
 */
export async function runAdmin(command: AdminCommand, args: unknown): Promise<unknown> {
  const config = configOfShell();
  if (config.mode === 'embedded') {
    const answer = await callControl(config.dataDir, command, args);
    if (answer !== 'not-running') return answer;
  }
  const opened = await openWorld(config);
  try {
    return await opened.commands[command](args);
  } finally {
    await opened.close();
  }
}

/** The configuration of this shell, `.env` included. */
export function configOfShell() {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return readConfig(process.env);
}

/** Ends the process as a command-line tool should: a sentence and a code, no stack for what can be expected. */
export function exitOn(error: unknown): never {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
