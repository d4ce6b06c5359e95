import { parseArgs } from 'node:util';
import { startEventStoreDbDouble } from './double.ts';

// A process of its own, so that it can be killed like an engine: `node main.ts --folder F [--port N]`. It prints its address and serves.
const { values } = parseArgs({ options: { folder: { type: 'string' }, port: { type: 'string', default: '0' } } });
if (values.folder === undefined) throw new RangeError('--folder is missing');
const double = await startEventStoreDbDouble({ folder: values.folder, port: Number(values.port) });
process.stdout.write(`${double.url}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => double.stop().then(() => process.exit(0)));
