/**
 * A process of its own that asks one URL at a steady pace, whether answers come or not, and prints the milliseconds that each took.
 * Apart from the load, so that a busy client is not taken for a slow server.
 */
import { Agent, get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const PER_SECOND = 200;
const [url = '', key = '', seconds = '5'] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 50 });

const ask = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const begun = performance.now();
    get(url, { agent, headers: { 'x-api-key': key } }, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - begun);
        else reject(new Error(`answered ${response.statusCode}`));
      });
    }).on('error', reject);
  });

const asked: Promise<number>[] = [];
const begun = performance.now();
while (asked.length < PER_SECOND * Number(seconds)) {
  const due = Math.floor(((performance.now() - begun) / 1000) * PER_SECOND);
  while (asked.length < due) asked.push(ask());
  await pause(1);
}
console.log(JSON.stringify(await Promise.all(asked)));
agent.destroy();
