import { startKafka } from './kafka.ts';
const engine = await startKafka();
process.stdout.write(`${JSON.stringify(engine)}\n`);
process.once('SIGTERM', () => engine.stop().then(() => process.exit(0)));
