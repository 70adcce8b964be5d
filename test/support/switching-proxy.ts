// A way to a server that leads to another one from a moment on, as a virtual address or a balancer does at a failover: new
// connections go elsewhere, and those that there are come to their end or are cut.
import { connect, createServer, type Socket } from 'node:net';

export interface SwitchingProxy {
  /** The URL of a server or database, by way of this proxy. */
  readonly through: (url: string) => string;
  /** New connections lead to this server; those that there are go on. */
  readonly turnTo: (url: string) => void;
  /** Cuts all connections; new ones lead to this server. */
  readonly switchTo: (url: string) => void;
  readonly close: () => Promise<void>;
}

export async function switchingProxy(first: string): Promise<SwitchingProxy> {
  let target = first;
  const open = new Set<Socket>();
  const server = createServer(client => {
    const { hostname, port } = new URL(target);
    const upstream = connect(Number(port), hostname);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const cut = (): void => {
    for (const one of open) one.destroy();
  };
  return {
    through: url => {
      const own = new URL(url);
      own.host = `127.0.0.1:${port}`;
      return own.href;
    },
    turnTo: url => {
      target = url;
    },
    switchTo: url => {
      target = url;
      cut();
    },
    close: async () => {
      cut();
      await new Promise(resolve => {
        server.close(resolve);
      });
    },
  };
}
