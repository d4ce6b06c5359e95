import { crashTest } from './crash/crash-test.ts';

const [seed, crashes, entry] = process.argv.slice(2);
const t = Date.now();
const o = await crashTest({ seed: Number(seed), crashes: Number(crashes), ...(entry ? { entry } : {}) });
console.log(seed, 'ack', o.acknowledged, 'rebuilt', o.rebuilt.size, 'faults', o.faults.length, Date.now() - t, 'ms');
for (const f of o.faults.slice(0, 40)) console.log('  ', f.slice(0, 600));
let differ = 0;
for (const [k, v] of o.kept)
  if (JSON.stringify(v) !== JSON.stringify(o.rebuilt.get(k)) && differ++ < 5)
    console.log('DIFF', k, JSON.stringify(v)?.slice(0, 500), JSON.stringify(o.rebuilt.get(k))?.slice(0, 500));
console.log('differ', differ);
process.exit();
