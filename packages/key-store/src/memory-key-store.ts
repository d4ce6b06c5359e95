import { type Created, Destroyed, type KeyRecord, type KeyStore } from './port.ts';

/** Keeps records in memory by the port's rules: for specs of what stands on a key store, and to break on purpose. */
export class MemoryKeyStore implements KeyStore {
  protected readonly records = new Map<string, KeyRecord>();
  protected readonly destroyed = new Set<string>();

  async create(record: KeyRecord): Promise<Created> {
    this.refuseDestroyed(record.id);
    if (record.owner !== undefined) this.refuseDestroyed(record.owner);
    const standing = this.records.get(record.id) ?? this.withHash(record.hash);
    if (standing !== undefined) return { created: false, record: standing };
    this.records.set(record.id, record);
    return { created: true, record };
  }

  async get(id: string): Promise<KeyRecord | undefined> {
    return this.records.get(id);
  }

  async findByHash(hash: string): Promise<KeyRecord | undefined> {
    return this.withHash(hash);
  }

  async setOwner(id: string, owner: string): Promise<boolean> {
    this.refuseDestroyed(owner);
    const record = this.records.get(id);
    if (record === undefined || record.owner !== undefined) return false;
    this.records.set(id, { ...record, owner });
    return true;
  }

  async isDestroyed(id: string): Promise<boolean> {
    return this.destroyed.has(id);
  }

  async destroy(id: string): Promise<void> {
    this.destroyed.add(id);
    this.records.delete(id);
    for (const record of [...this.records.values()]) if (record.owner === id) await this.destroy(record.id);
  }

  async close(): Promise<void> {}

  protected refuseDestroyed(id: string): void {
    if (this.destroyed.has(id)) throw new Destroyed('a key that was destroyed does not come back');
  }

  protected withHash(hash: string | undefined): KeyRecord | undefined {
    if (hash === undefined) return undefined;
    for (const record of this.records.values()) if (record.hash === hash) return record;
    return undefined;
  }
}
