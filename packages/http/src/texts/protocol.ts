/** Texts that programs read rather than people: English in every language (spec auth-and-errors.md §9, last row of §13.3). */
export const protocolTexts = {
  invalid_json: 'Invalid JSON: {reason}',
  from_required: 'From header is required or invalid token',
  invalid_sip_address: 'Invalid SIP address',
  unauthenticated: 'Unauthenticated request',
  nonce_replayed: 'Nonce replayed',
  nonce_invalid: 'Nonce invalid',
  wrong_algorithm: 'Wrong algorithm',
  unauthorized: 'Unauthorized',
  invalid_api_key: 'Invalid API Key',
  jwt_unsupported: 'Unsupported RSA signature',
  jwt_signature: 'Invalid JWT token signature',
  jwt_expired: 'Expired JWT token',
  jwt_too_early: 'JWT token not valid yet',
  jwt_malformed: 'Invalid bearer',
  route_unknown: 'The route {path} could not be found.',
  method_unsupported: 'The {method} method is not supported for route {path}. Supported methods: {allowed}.',
  bad_hostname: 'Bad hostname provided.',
  payload_too_large: 'Payload too large',
  unsupported_media_type: 'Unsupported Media Type',
  /** What another program said, handed on as it is (the daemon's reason, spec notifications.md). */
  verbatim: '{text}',
} as const;
