import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** Writes bytes that no HTTP client would, and reads until the server closes. `half`: says that nothing more will come. */
export const sendRaw = async ({ url }: { url: string }, bytes: string | Buffer, half = true): Promise<string> => {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined); // a reset is an answer, too
  await once(socket, 'connect');
  socket.write(bytes);
  if (half) socket.end();
  return text(socket).catch(() => '');
};
