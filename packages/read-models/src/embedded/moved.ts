/** Somebody else has written since the caller read: it reads again and folds anew. */
export const moved = (): Error => Object.assign(new Error('the documents have moved on'), { code: 'read-models/moved' });

export const isMoved = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'read-models/moved';
