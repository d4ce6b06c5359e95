import { rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { createSpace } from '../population.ts';
import { runToEnd, startServer, temporaryFolder } from '../server-process.ts';
import { AccountActor } from './account-actor.ts';
import { CallActor } from './call-actor.ts';
import { PlacesActor } from './places-actor.ts';
import { Random } from './random.ts';
import { snapshot } from './snapshot.ts';
import { SpaceActor } from './space-actor.ts';
import { TokenActor } from './token-actor.ts';
import { type Actor, isCut, World } from './world.ts';

export interface CrashTest {
  readonly seed: number;
  readonly crashes: number;
  /** Another build than standalone as it is. */
  readonly entry?: string;
}

export interface Outcome {
  readonly faults: readonly string[];
  readonly acknowledged: number;
}

export interface Ended extends Outcome {
  /** The views as the process kept them, and as the same events make them anew. */
  readonly kept: ReadonlyMap<string, unknown>;
  readonly rebuilt: ReadonlyMap<string, unknown>;
}

interface Stage {
  readonly world: World;
  readonly actors: readonly Actor[];
  readonly folder: string;
}

const env = { ACCOUNT_EMAIL_UNIQUE: 'true' };

const actorsOf = (world: World, random: Random): readonly Actor[] => [
  ...[1, 2, 3, 4, 5, 6].map((n) => new AccountActor(world, random.fork(), `account-${n}`)),
  ...[1, 2, 3].map((n) => new TokenActor(world, random.fork(), `token-${n}`)),
  ...[1, 2, 3, 4].map((n) => new CallActor(world, random.fork(), `caller-${n}`)),
  ...[1, 2].map((n) => new SpaceActor(world, random.fork(), `space${n}`)),
  new PlacesActor(world, random.fork(), 'places'),
];

/** Works until the process is gone. */
const work = async (world: World, actor: Actor): Promise<void> => {
  try {
    while (!world.crashing) await actor.step();
  } catch (error) {
    if (!isCut(error)) throw error;
  }
};

const inspect = async (actors: readonly Actor[], look: (actor: Actor) => Promise<void>): Promise<void> => {
  const looked = await Promise.allSettled(actors.map(look));
  for (const one of looked) if (one.status === 'rejected' && !isCut(one.reason)) throw one.reason;
};

const onStage = async <T>(random: Random, play: (stage: Stage) => Promise<T>): Promise<T> => {
  const world = new World();
  const folder = await temporaryFolder();
  try {
    return await play({ world, actors: actorsOf(world, random), folder });
  } finally {
    await world.server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
};

/**
 * Lets clients work, kills the serving process at a random moment, starts it again on the same folder and compares what it holds
 * with what it had acknowledged; so often. Now and then it is killed once more while it starts.
 */
const crashAndCompare = async ({ world, actors, folder }: Stage, random: Random, { crashes, entry }: CrashTest): Promise<void> => {
  const options = { folder, env, ...(entry === undefined ? {} : { entry }) };
  world.serves(await startServer(options));
  await createSpace(world.server, world.domain);
  for (let crash = 1; crash <= crashes; crash++) {
    const working = actors.map((actor) => work(world, actor));
    await setTimeout(random.between(200, 1200));
    await world.crash();
    await Promise.all(working);
    if (random.next() < 0.3) await runToEnd([], { ...options, killAfterMs: random.between(100, 900) });
    world.serves(await startServer(options));
    await inspect(actors, (actor) => actor.check());
  }
};

export const crashOften = (test: CrashTest): Promise<Outcome> => {
  const random = new Random(test.seed);
  return onStage(random, async (stage) => {
    await crashAndCompare(stage, random, test);
    return stage.world;
  });
};

/** The same; and in the end nothing may be orphaned, and every view must equal its rebuild. */
export const crashOftenAndEndWell = (test: CrashTest): Promise<Ended> => {
  const random = new Random(test.seed);
  return onStage(random, async (stage) => {
    await crashAndCompare(stage, random, test);
    const { kept, rebuilt } = await end(stage);
    const { faults, acknowledged } = stage.world;
    return { faults, acknowledged, kept, rebuilt };
  });
};

const end = async ({ world, actors, folder }: Stage): Promise<Pick<Ended, 'kept' | 'rebuilt'>> => {
  const stop = async (what: string) => {
    const code = await world.server.stop();
    if (code !== 0) world.fault(`${what} ended with ${code}: ${world.server.output()}`);
  };
  await stop('the server');
  world.serves(await startServer({ folder, env, entry: 'tests/crash/half-an-hour-later.ts' }));
  await inspect(actors, (actor) => actor.checkAtTheEnd());
  await stop('the later server');
  world.serves(await startServer({ folder, env }));
  const kept = await snapshot(world.server);
  await stop('the server');
  const { code, stderr } = await runToEnd(['rebuild'], { folder, env });
  if (code !== 0) world.fault(`rebuild ended with ${code}: ${stderr}`);
  world.serves(await startServer({ folder, env }));
  const rebuilt = await snapshot(world.server);
  await stop('the rebuilt server');
  return { kept, rebuilt };
};
