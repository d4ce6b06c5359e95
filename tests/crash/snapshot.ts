import { ask } from '../client.ts';
import type { ServerProcess } from '../server-process.ts';

/** Everything that the API tells of what it holds, read from the views: without what names this life of the process. */
export const snapshot = async (server: ServerProcess): Promise<ReadonlyMap<string, unknown>> => {
  const answers = new Map<string, unknown>();
  const read = async (path: string) => {
    const { status, json } = await ask(server, path, { key: server.adminKey });
    answers.set(path, status === 200 ? json : status);
    return json;
  };
  const pages = async (path: string): Promise<{ id: number; username: string; domain: string; email: string | null }[]> => {
    const all = [];
    for (let page = 1, last = 1; page <= last; page++) {
      const { status, json } = await ask(server, `${path}?page=${page}`, { key: server.adminKey });
      answers.set(`${path} status`, status);
      if (status !== 200) break;
      all.push(...json.data);
      last = json.last_page;
      answers.set(`${path} total`, json.total);
    }
    answers.set(path, all);
    return all;
  };
  for (const { domain } of (await read('/api/spaces')) as { domain: string }[]) await read(`/api/spaces/${domain}`);
  for (const { id, username, domain, email } of await pages('/api/accounts')) {
    await read(`/api/accounts/${id}`);
    await read(`/api/accounts/${username}@${domain}/search`);
    if (email !== null) await read(`/api/accounts/${encodeURIComponent(email)}/search-by-email`);
    await pages(`/api/accounts/${id}/statistics/calls`);
  }
  return answers;
};
