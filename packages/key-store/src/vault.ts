/** What a service may do with secrets; made from its key store and the master key (design §4). */
export interface Vault {
  /**
   * Encrypts the personal part of an event under the subject's own key (AES-256-GCM; subject, stream and event id as associated
   * data). Makes the key on first use.
   * @throws Destroyed when the subject was erased.
   */
  seal(subject: string, stream: string, eventId: string, value: object): Promise<SealedPart>;
  /** Opens a sealed part; `'erased'` once the subject's key is destroyed. */
  open(stream: string, eventId: string, sealed: SealedPart): Promise<object | 'erased'>;
  /** Destroys the subject's key: every sealed part of it reads as `'erased'` from then on. */
  erase(subject: string): Promise<void>;
  /**
   * A keyed hash (HMAC-SHA-256, hex) of a value under the service's own random key: for names of claim streams and look-ups of tokens.
   * `purpose` separates the uses.
   */
  hash(purpose: string, value: string): string;
}

export interface SealedPart {
  readonly $sealed: string;
  readonly subject: string;
}

export const isSealedPart = (value: unknown): value is SealedPart => typeof value === 'object' && value !== null && '$sealed' in value;
