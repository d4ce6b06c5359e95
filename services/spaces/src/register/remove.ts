import { type Call, type Handler, notFound, one } from '@flexistream/http';
import type { Parts } from '../parts.ts';
import { spaceView } from '../space/view.ts';
import { answerRefusal } from './problems.ts';
import { othersCanManage } from './super-admins.ts';
import { spaceWith } from './unique.ts';

/**
 * `DELETE /spaces/{domain}`. With the register's event the space is closed and its domain, host and name are free; accounts removes its
 * accounts by reaction.
 */
export const deleteSpace =
  ({ ports, book, streams }: Parts): Handler =>
  async ({ params, context }: Pick<Call, 'params' | 'context'>) => {
    const { register } = await book.current();
    const space = spaceWith(register, 'domain', (params.domain ?? '').toLowerCase());
    if (space === undefined) throw notFound();
    const { id } = space;
    if (space.settings.super && !(await othersCanManage(ports.ask, register, id, context))) {
      throw answerRefusal({ refused: 'last_super_space' });
    }
    const refusal = await book.handle({ type: 'DeleteSpace', data: { id }, now: context.at }, context);
    if (refusal !== undefined) throw answerRefusal(refusal);
    const { position } = await streams.finishDeletion(id, context);
    await ports.journal.whenProjected(spaceView, position);
    return one({ changed: [`space:${id}`] });
  };
