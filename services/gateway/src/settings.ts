import { integerSetting, listSetting, type Settings, switchSetting, textSetting, type ValuesOf } from '@flexistream/service-host';

/** Every variable that the gateway reads (design §13, spec operations.md §5.4). */
export const gatewaySettings = {
  HOST: textSetting('address on which the gateway listens', '127.0.0.1'),
  PORT: integerSetting('port of plain HTTP/1.1', 8080, 0, 65_535),
  TLS_PORT: integerSetting('port of HTTP/1.1 and HTTP/2 over TLS; 0 switches TLS off', 8443, 0, 65_535),
  TLS_CERT: textSetting('PEM file with the certificate and its chain; empty: a self-signed one is made in DATA_DIR/tls'),
  TLS_KEY: textSetting('PEM file with the private key of TLS_CERT'),
  TRUST_PROXY: listSetting(
    'addresses or networks, by commas, whose X-Forwarded-For, -Host, -Proto, X-Request-Id and traceparent are believed',
  ),
  MAX_BODY_BYTES: integerSetting('a larger request body is answered with 413', 1_048_576, 1),
  REQUEST_TIMEOUT_SECONDS: integerSetting('within which a request must have arrived whole', 30, 1),
  RATE_LIMIT_PER_MINUTE: integerSetting(
    'requests a minute, per address without credential, per account with one; admin keys are exempt; 0 switches all limits off, those of failed logins too',
    600,
  ),
  ACCOUNT_AUTHENTICATION_BEARER: textSetting(
    'what follows "Bearer " in the challenge, e.g. authz_server="https://sso.example.org/", realm="sip.example.org"; set: DIGEST is off (RFC 8898)',
  ),
  JWT_RSA_PUBLIC_KEY_PEM: textSetting('RSA public key of the issuer of bearer tokens: PEM text (\\n for line ends) or the path of a file'),
  JWT_JWKS_URL: textSetting('address of the issuer’s key set, instead of JWT_RSA_PUBLIC_KEY_PEM'),
  JWT_SIP_IDENTIFIER: textSetting('claim that holds sip:user@domain; a token without it is matched by its claim "email"', 'sip_identity'),
  JWT_ISSUER: textSetting('when set, the claim "iss" must be this'),
  JWT_AUDIENCE: textSetting('when set, the claim "aud" must hold this'),
  JWT_EXPIRATION_REQUIRED: switchSetting('refuse bearer tokens without the claim "exp"', false),
  DIGEST_CHECK_URI: switchSetting(
    'compare the uri of a DIGEST answer with the request’s path; off behind a proxy that rewrites paths',
    true,
  ),
  DIGEST_NONCE_MINUTES: integerSetting('how long a DIGEST nonce may be used', 60, 1, 1440),
  SHUTDOWN_PAUSE_SECONDS: integerSetting('from readiness false to the end of accepting, for endpoints to notice', 0, 0, 60),
  SHUTDOWN_LIMIT_SECONDS: integerSetting('after which connections are ended whose requests are still open', 30, 1, 600),
} satisfies Settings;

export type GatewaySettings = ValuesOf<typeof gatewaySettings>;
