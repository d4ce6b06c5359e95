import { type InternalCallName, internalCalls, type ServiceName } from '@flexistream/contracts';
import { Unavailable } from '@flexistream/kernel';
import { traced } from '@flexistream/observability';
import type { AnyService, AskService } from './service.ts';

type AnswerFunction = (input: unknown, context: unknown) => Promise<unknown>;

/** Internal calls in one process: services are looked up when asked, since each is made from the others' answers. */
export const askInProcess = (asker: ServiceName, services: ReadonlyMap<ServiceName, AnyService>): AskService => {
  const ask = (name: InternalCallName, input: unknown, context: object): Promise<unknown> => {
    const answer = services.get(internalCalls[name].service)?.answers[name] as AnswerFunction | undefined;
    if (answer === undefined) return Promise.reject(new Unavailable(`${name} cannot be asked yet`));
    const asked = { ...context, actor: `system:${asker}` };
    return traced(name, {}, () => answer(input, asked));
  };
  return ask as AskService;
};
