import { createConnection, createServer, type Socket } from 'node:net';

export interface TcpLink {
  readonly port: number;
  /** How often the client spoke after the server had: the round trips so far. */
  roundTrips(): number;
  /** The next message of a client that holds these bytes is delivered; the connection breaks in place of the answer. */
  loseAnswerTo(bytes: string): void;
  /** Whether that has happened. */
  lost(): boolean;
  /** Breaks every open connection, as a network does. */
  cut(): void;
  close(): Promise<void>;
}

/** A line to a port of the loopback interface that delays what the client sends, counts round trips, and can be cut. */
export async function openTcpLink(targetPort: number, delayMs = 0): Promise<TcpLink> {
  const sockets = new Set<Socket>();
  let roundTrips = 0;
  let marker: string | undefined;
  let lost = false;

  const server = createServer((near) => {
    const far = createConnection(targetPort, '127.0.0.1');
    let clientSpoke = false;
    let losing = false;
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
      if (marker !== undefined && chunk.includes(marker)) {
        losing = true;
        marker = undefined;
      }
      setTimeout(() => far.write(chunk), delayMs);
    });
    far.on('data', (chunk) => {
      clientSpoke = false;
      if (losing) {
        lost = true;
        near.destroy();
        return;
      }
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
    loseAnswerTo: (bytes) => {
      marker = bytes;
      lost = false;
    },
    lost: () => lost,
    cut,
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
