import { runServiceProcess } from '@flexistream/service-host';
import { spacesService, spacesSettings } from './service.ts';

await runServiceProcess({ name: 'spaces', settings: spacesSettings, make: spacesService });
