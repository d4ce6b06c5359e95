import { createHash } from 'node:crypto';

/** One atomic step on one key, run where that key lies; so it works on a cluster too. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

const script = (lua: string): Script => ({ lua, sha: createHash('sha1').update(lua).digest('hex') });

/** ARGV: what to add, time to live. Answers the sum as text and the milliseconds that are left. */
export const addToSum = script(`
local value = redis.call('INCRBYFLOAT', KEYS[1], ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  left = tonumber(ARGV[2])
  redis.call('PEXPIRE', KEYS[1], left)
end
return {value, left}
`);

/**
 * ARGV: value, width of the window, time to live. Answers 1 for fresh, 0 for seen. Kept is the highest value and a row of 64 digits, the
 * first for the value just below the highest: 1 = was taken.
 */
export const advanceWindow = script(`
local value, width = tonumber(ARGV[1]), tonumber(ARGV[2])
local highest, taken = value, string.rep('0', 64)
local fresh = 1
local known = redis.call('GET', KEYS[1])
if known then
  local first, rest = string.match(known, '^(%d+) ([01]+)$')
  highest, taken = tonumber(first), rest
  local below = highest - value
  if below < -64 then
    highest, taken = value, string.rep('0', 64)
  elseif below < 0 then
    highest, taken = value, string.sub(string.rep('0', -below - 1) .. '1' .. taken, 1, 64)
  elseif below == 0 or below > width or string.sub(taken, below, below) == '1' then
    fresh = 0
  else
    taken = string.sub(taken, 1, below - 1) .. '1' .. string.sub(taken, below + 1)
  end
end
redis.call('SET', KEYS[1], string.format('%.0f %s', highest, taken), 'PX', ARGV[3])
return fresh
`);

/**
 * ARGV: a random text, taken when there is none yet. The epoch is that text with the run of the server: a restart may bring back an older
 * state of its windows, from a snapshot or a log that was not synced to the end, together with the text.
 */
export const readEpoch = script(`
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return redis.call('GET', KEYS[1]) .. '.' .. string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
`);

/** What the server that holds the key does when its memory is full. One without a limit drops nothing either. */
export const evictionPolicy = script(`
local memory = redis.call('INFO', 'memory')
if string.match(memory, 'maxmemory:(%d+)') == '0' then return 'noeviction' end
return string.match(memory, 'maxmemory_policy:([%w-]+)')
`);
