import type { Duplex } from 'node:stream';

const answers: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'Request Header Fields Too Large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'Payload too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'Request Timeout'],
};

/** What cannot be read as HTTP/1.1 gets a documented body too, and the connection ends. */
export const answerUnreadable = (error: Error, socket: Duplex): void => {
  const code = 'code' in error ? String(error.code) : '';
  const answering = (socket as { _httpMessage?: { headersSent: boolean } })._httpMessage?.headersSent === true;
  if (code === 'ECONNRESET' || !socket.writable || answering) {
    socket.destroy();
    return;
  }
  const [status, message] = answers[code] ?? ['400 Bad Request', 'Bad Request'];
  const body = JSON.stringify({ message });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n${body}`,
  );
};
