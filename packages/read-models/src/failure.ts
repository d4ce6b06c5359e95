/**
 * Where something failed, for the list of parked events. Messages of errors may quote what they failed on, which may be personal
 * and would then outlive its erasure; so only the kind of error and the place are told. The log has the rest.
 */
export const describeFailure = (error: unknown): string => {
  if (!(error instanceof Error)) return 'failed';
  const place = error.stack
    ?.split('\n')
    .find((line) => /^\s+at /.test(line))
    ?.trim();
  const file = place?.match(/([\w.-]+\/[\w.-]+:\d+):\d+\)?$/)?.[1];
  return file === undefined ? error.name : `${error.name} in ${file}`;
};
