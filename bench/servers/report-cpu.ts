import type { AddressInfo } from 'node:net';

/** Tells the parent where this server listens, and its CPU time (µs, user and system) whenever it is asked. */
export function reportCpu(address: AddressInfo | string | null): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuUs: user + system });
  });
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 });
}
