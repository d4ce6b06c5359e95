import type { Definition } from '../running-service.ts';
import type { AnyService, Ports } from '../service.ts';

/** What a service is made of, without any port to work on: its projections, what it publishes, what it reacts to. */
export const describedService = ({ make }: Definition): AnyService => make(unusable as Ports);

const unusable: unknown = new Proxy(
  {},
  {
    get: (_, name) => {
      const refuse = (): never => {
        throw new Error(`a service that is only described has used ${String(name)}`);
      };
      return new Proxy(refuse, { get: (_, method) => (method === 'child' ? () => unusable : refuse) });
    },
  },
);
