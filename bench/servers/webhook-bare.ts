/** What the webhook door is compared with: `node:http` that verifies the signature over the raw body, and answers. */
import { createServer } from 'node:http';
import Stripe from 'stripe';
import { reportCpu } from './report-cpu.ts';

const secret = process.env.BENCH_WEBHOOK_SECRET ?? '';

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', async () => {
    const status = await Stripe.webhooks
      .constructEventAsync(Buffer.concat(chunks), request.headers['stripe-signature'] ?? '', secret)
      .then(() => 200)
      .catch(() => 400);
    response.writeHead(status, { 'Content-Type': 'application/json' }).end('{"received":true}');
  });
});

server.listen(0, '127.0.0.1', () => reportCpu(server.address()));
