export { urlOf } from './doors/url-of.ts';
export { evictOnEvents } from './evictions.ts';
export { type GatewayDoors, type GatewayDoorsOptions, gatewayDoors } from './gateway-doors.ts';
export type { Readiness } from './health.ts';
export type { Handlers } from './routing/route-table.ts';
export { type GatewaySettings, gatewaySettings } from './settings.ts';
