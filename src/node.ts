import { existsSync } from 'node:fs';
import { inspect } from 'node:util';
import { redact } from './access/redact.ts';
import { createApp } from './app.ts';
import { ConfigError, readConfig } from './config.ts';
import { DataFolderInUse } from './embedded/lock.ts';
import { readAssets } from './node-assets.ts';
import { startLoop } from './node-loop.ts';
import { createNodeServer } from './node-server.ts';
import { openWorld } from './open-world.ts';

/** Self-host entry: the same app on Node, with an embedded Postgres unless DATABASE_URL names one. */
async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = readConfig(process.env);
  const opened = await openWorld(config, { serves: true });
  const app = createApp({ ...opened.world, assets: readAssets() });

  const server = createNodeServer(app).listen(config.port, config.host);
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  }).catch(async (error: unknown) => {
    await opened.close();
    throw error;
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  const origin = config.publicOrigin ?? `http://${config.host === '127.0.0.1' ? 'localhost' : config.host}:${port}`;
  console.log(await opened.announce(origin));

  const loop = startLoop(opened.world);
  opened.onJump(loop.wake);
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    const looped = loop.stop();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
      setTimeout(resolve, 5000).unref();
    });
    await looped;
    await opened.close();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError || error instanceof DataFolderInUse) console.error(error.message);
  else if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
    console.error(`${error.message}\nAnother program listens there. Set PORT to a free port.`);
  else console.error(redact(inspect(error)));
  process.exit(1);
});
