import { type Sequence, sequence } from '@flexistream/kernel';
import type { Ports } from '@flexistream/service-host';
import { type ClaimNames, claimNames } from './account/claim-names.ts';
import { type AccountFields, accountFields } from './account/fields.ts';
import { PlacesLedger } from './places/ledger.ts';
import type { AccountsSettings } from './settings.ts';
import { KnownSpaces } from './space/known-spaces.ts';

/** What the handlers of this service share. */
export interface Parts {
  readonly ports: Ports;
  readonly settings: AccountsSettings;
  readonly ids: Sequence;
  readonly names: ClaimNames;
  readonly places: PlacesLedger;
  readonly spaces: KnownSpaces;
  readonly fields: AccountFields;
}

/** Small blocks: a restart leaves a gap of as many ids at most. */
const IDS_A_BLOCK = 20;

export const makeParts = (ports: Ports, settings: AccountsSettings): Parts => ({
  ports,
  settings,
  ids: sequence(ports.journal, 'accountsequence-accounts', IDS_A_BLOCK),
  names: claimNames(ports.vault),
  places: new PlacesLedger(ports.journal),
  spaces: new KnownSpaces(ports.ask, ports.clock),
  fields: accountFields(settings),
});
