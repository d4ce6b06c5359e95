import { runServiceProcess } from '@flexistream/service-host';
import { tokensService, tokensSettings } from './service.ts';

await runServiceProcess({ name: 'tokens', settings: tokensSettings, make: tokensService });
