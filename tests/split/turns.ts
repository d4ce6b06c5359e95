import { ask } from '../client.ts';
import type { ServiceChild } from './service-child.ts';
import type { Split } from './start-split.ts';

/** Who has which turn: `<work> of <service>` → the instances that say so of themselves. */
export const turnsOf = async (split: Split): Promise<ReadonlyMap<string, readonly ServiceChild[]>> => {
  const turns = new Map<string, ServiceChild[]>();
  for (const child of split.children) {
    if (child.metricsUrl === undefined) throw new Error('it was started without metrics');
    const { text } = await ask({ url: child.metricsUrl }, '/metrics');
    for (const [, labels = '', value] of text.matchAll(/^flexistream_turns\{([^}]*)\} (\d)/gm)) {
      const [service, work] = ['service', 'work'].map((name) => labels.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1]);
      const having = turns.get(`${work} of ${service}`) ?? [];
      turns.set(`${work} of ${service}`, value === '1' ? [...having, child] : having);
    }
  }
  return turns;
};
