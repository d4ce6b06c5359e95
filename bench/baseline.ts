/** The bare Express 5 app that budgets are ratios of: parses and echoes the same JSON, answers a GET of the same size (design §11). */
import type { AddressInfo } from 'node:net';
import express from 'express';

const account = JSON.parse(process.argv[2] ?? '{}') as object;
const app = express();
app.use(express.json());
app.post('/echo', (request, response) => {
  response.json(request.body);
});
app.get('/account', (_request, response) => {
  response.json(account);
});
const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(`http://127.0.0.1:${port}`);
});
