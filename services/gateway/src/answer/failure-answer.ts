import { type Answer, bodyOf, Failure, isFailure, type Language, translate, unavailable } from '@flexistream/http';

/** What every error becomes, in one place: an unknown one shows nothing of itself (spec auth-and-errors.md §9). */
export const failureOf = (error: unknown): Failure => {
  if (isFailure(error)) return error;
  if (error instanceof Error && 'code' in error && error.code === 'unavailable') return unavailable();
  return new Failure(500, { key: 'server_error' });
};

/** A 401 without text is the bearer challenge: it has no body (spec README.md, decision 2). */
export const failureAnswer = (failure: Failure, language: Language): Answer => {
  const { status, headers } = failure;
  if (status === 401 && failure.text === undefined) return { status, headers };
  const body = bodyOf(failure, language);
  return { status, json: body, headers: { ...headers, 'Content-Language': spokenIn(failure, language), Vary: 'Accept-Language' } };
};

/** Protocol texts are English in every language. */
const spokenIn = ({ text }: Failure, language: Language): Language =>
  language !== 'en' && text !== undefined && translate(language, text) === translate('en', text) ? 'en' : language;
