/** What everything is compared with: `node:http` serving the same bytes, or parsing the same JSON and answering a line. */
import { createServer } from 'node:http';
import { reportCpu } from './report-cpu.ts';

const body = process.env.BENCH_BODY ?? '{}';
const etag = process.env.BENCH_ETAG ?? '""';

const server = createServer((request, response) => {
  if (request.method === 'POST') {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      const ok = typeof value === 'object' && value !== null;
      response.writeHead(ok ? 200 : 400, { 'Content-Type': 'application/json' }).end(body);
    });
    return;
  }
  if (request.headers['if-none-match'] === etag) response.writeHead(304, { ETag: etag }).end();
  else response.writeHead(200, { 'Content-Type': 'application/json', ETag: etag, 'Content-Length': Buffer.byteLength(body) }).end(body);
});

server.listen(0, '127.0.0.1', () => reportCpu(server.address()));
