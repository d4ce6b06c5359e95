import { runServiceProcess } from '@flexistream/service-host';
import { statisticsService, statisticsSettings } from './service.ts';

await runServiceProcess({ name: 'statistics', settings: statisticsSettings, make: statisticsService });
