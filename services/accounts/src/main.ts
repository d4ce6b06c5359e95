import { runServiceProcess } from '@flexistream/service-host';
import { accountsService, accountsSettings } from './service.ts';

await runServiceProcess({ name: 'accounts', settings: accountsSettings, make: accountsService });
