/** The desk's door for Stripe's webhooks on the Postgres at BENCH_DATABASE_URL, as it is self-hosted; work is left to another process. */
import { createApp } from '../../src/app.ts';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { stripeHands } from '../../src/effects/stripe/hands.ts';
import { createNodeServer } from '../../src/node-server.ts';
import { openBenchWorld } from '../tenant.ts';
import { reportCpu } from './report-cpu.ts';

const db = connectPostgres(process.env.BENCH_DATABASE_URL ?? '');
const world = { ...openBenchWorld(db), payments: stripeHands() };
const server = createNodeServer(createApp(world)).listen(0, '127.0.0.1', () => reportCpu(server.address()));
