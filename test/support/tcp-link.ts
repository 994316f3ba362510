import { createConnection, createServer, type Socket } from 'node:net';

export interface TcpLink {
  readonly port: number;
  /** How often the client spoke after the server had: the round trips so far. */
  roundTrips(): number;
  /** Breaks every open connection, as a network does. */
  cut(): void;
  close(): Promise<void>;
}

/** A line to a port of the loopback interface that delays what the client sends, counts round trips, and can be cut. */
export async function openTcpLink(targetPort: number, delayMs = 0): Promise<TcpLink> {
  const sockets = new Set<Socket>();
  let roundTrips = 0;

  const server = createServer((near) => {
    const far = createConnection(targetPort, '127.0.0.1');
    let clientSpoke = false;
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    near.on('data', (chunk) => {
      if (!clientSpoke) roundTrips += 1;
      clientSpoke = true;
      setTimeout(() => far.write(chunk), delayMs);
    });
    far.on('data', (chunk) => {
      clientSpoke = false;
      near.write(chunk);
    });
  });

  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address.port);
    });
  });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    roundTrips: () => roundTrips,
    cut,
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
