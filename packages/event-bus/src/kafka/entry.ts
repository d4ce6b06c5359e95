import type { KafkaMessage } from 'kafkajs';
import type { LogEntry } from '../embedded/topic-log.ts';

/** What a message says; undefined, and told, when it is no event at all. */
export const entryOf = (
  topic: string,
  partition: number,
  { key, value, offset }: KafkaMessage,
  onTrouble: (text: string) => void,
): LogEntry | undefined => {
  const body = value?.toString() ?? '';
  if (isJson(body)) return { position: Number(offset), key: key?.toString() ?? '', body };
  onTrouble(`what stands in ${topic} ${partition} at ${offset} is no event and was passed by`);
  return undefined;
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
