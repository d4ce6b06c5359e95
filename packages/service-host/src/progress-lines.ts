/** A line a tenth, for work that takes long and that nobody may watch. */
export const progressLines = (say: (text: string) => void): ((what: string, done: number, of: number) => void) => {
  let told = '';
  return (what, done, of) => {
    if (of === 0) return;
    const line = `${what}: ${Math.floor((10 * done) / of) * 10} % of the log up to position ${of}`;
    if (line !== told) say(line);
    told = line;
  };
};
