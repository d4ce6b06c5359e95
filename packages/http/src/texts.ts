export type TextKey = 'missing_elements' | 'unauthorized_action' | 'service_unavailable';
