import { type Call, type Handler, notFound, ok } from '@flexistream/http';
import type { Parts } from '../parts.ts';
import { type SpaceJson, spaceJson } from '../space/json.ts';
import { type SpaceDocument, spaces, spaceView } from '../space/view.ts';
import type { Page } from './book.ts';
import { liveSpaces, spaceWith } from './unique.ts';

const AT_ONCE = 500;

/** The register says which spaces there are and in which order, the view how they look. */
export const listSpaces =
  (parts: Parts): Handler =>
  async () => {
    const page = await parts.book.current();
    const ids = liveSpaces(page.register).map(({ id }) => id);
    const all: SpaceJson[] = [];
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      all.push(...(await shown(parts, page, ids.slice(from, from + AT_ONCE))));
    }
    return ok(all);
  };

export const readSpace =
  (parts: Parts): Handler =>
  async ({ params }: Pick<Call, 'params'>) =>
    ok(await spaceShown(parts, params.domain));

/** @throws Failure 404 for an unknown domain. */
export const spaceShown = async (parts: Parts, domain: string | undefined): Promise<SpaceJson> => {
  const page = await parts.book.current();
  const id = spaceWith(page.register, 'domain', (domain ?? '').toLowerCase())?.id;
  const [space] = id === undefined ? [] : await shown(parts, page, [id]);
  if (space === undefined) throw notFound();
  return space;
};

/** Whoever finds a document behind the register completes the space's stream and shows that (a crash left it so, or it is on its way). */
const shown = async ({ ports, streams }: Parts, { spans }: Page, ids: readonly string[]): Promise<SpaceJson[]> => {
  const documents = await ports.views.getMany<SpaceDocument>(spaceView, spaces, ids);
  const all = await Promise.all(
    ids.map(async (id) => {
      const document = documents.get(id);
      if (document !== undefined && document.register >= (spans.get(id)?.last ?? -1)) return publicJson(document);
      const { space } = await streams.follow(id);
      return space.status === 'live' ? spaceJson(space) : undefined;
    }),
  );
  return all.filter((space) => space !== undefined);
};

const publicJson = ({ register: _, ...json }: SpaceDocument): SpaceJson => json;
