import { runServiceProcess } from '@flexistream/service-host';
import { notificationsService } from './service.ts';

await runServiceProcess({ name: 'notifications', settings: {}, make: notificationsService });
