import { describe, expect, test } from '@jest/globals';
import { fieldName } from './texts/field-names.ts';
import { type TextKey, textKeys, translate } from './texts.ts';

/** As the pages print them (auth-and-errors.md §13.2, §13.3, spaces.md §6): X = the field, Y = another one, N = 3, a, b = names. */
const printed: readonly [TextKey, english: string, french: string][] = [
  ['required', 'The X field is required.', 'Le champ X est obligatoire.'],
  ['filled', 'The X field must have a value.', 'Le champ X est obligatoire.'],
  ['required_with', 'The X field is required when Y is present.', 'Le champ X est obligatoire quand Y est présent.'],
  ['unique', 'The X has already been taken.', 'Le X a déjà été pris.'],
  ['exists', 'The selected X is invalid.', 'Le champ X sélectionné est invalide.'],
  ['one_of', 'The selected X is invalid.', 'Le champ X est invalide.'],
  ['unchanged', 'The selected X is invalid.', "Le champ X sélectionné n'est pas valide."],
  ['string', 'The X must be a string.', 'Le X doit être une chaîne.'],
  ['boolean', 'The X field must be true or false.', 'Le champ X doit être vrai ou faux.'],
  ['integer', 'The X must be an integer.', 'Le champ X doit être un entier (un nombre sans virgule).'],
  ['min_text', 'The X must be at least N characters.', 'Le texte du champ X doit contenir au moins N caractères.'],
  ['min_number', 'The X must be at least N.', 'La valeur de X ne peut être inférieure à N.'],
  ['max_text', 'The X may not be greater than N characters.', 'Le texte de X ne peut contenir plus de N caractères.'],
  ['digits', 'The X must be N digits.', 'Le champ X doit avoir N chiffres.'],
  ['email', 'The X must be a valid email address.', 'Le champ X doit être une adresse email valide.'],
  ['phone', 'The X field contains an invalid number.', 'Le champ X contient un numéro invalide.'],
  ['date', 'The X is not a valid date.', "Le champ X n'est pas une date valide."],
  ['alpha_num', 'The X may only contain letters and numbers.', 'Le champ X doit seulement contenir des chiffres et des lettres.'],
  [
    'alpha_dash',
    'The X may only contain letters, numbers, dashes and underscores.',
    'Le champ X doit seulement contenir des lettres, des chiffres et des tirets.',
  ],
  ['different', 'The X and Y must be different.', 'Les champs X et Y doivent être différents.'],
  ['confirmed', 'The X confirmation does not match.', 'Le champ de confirmation X ne correspond pas.'],
  ['accepted', 'The X must be accepted.', 'Le champ X doit être accepté.'],
  ['not_a_phone_number', 'The X should not be a phone number', 'Le champ X ne peut pas être un numéro de téléphone'],
  ['no_uppercase', 'No uppercase letters are allowed.', 'Les majuscules ne sont pas autorisées.'],
  ['username_used', 'Username already used.', "Nom d'utilisateur déjà utilisé."],
  ['sip_username', 'The X should be a valid SIP username', "Le champ X doit être un nom d'utilisateur SIP valide"],
  ['domain', 'The X should be a valid domain', 'Le champ X doit être un domaine valide'],
  ['contains_spaces', 'The X contains spaces', 'Le champ X contient des espaces'],
  ['phone_country', 'The phone number must belong to an authorized country.', 'Le numéro de téléphone doit appartenir à un pays autorisé.'],
  ['password_algorithm', 'The password algorithm must be in MD5, SHA-256', "L'algorithme du mot de passe doit être parmi MD5, SHA-256"],
  ['dictionary', 'The dictionary must be an associative dictionary of strings', 'Le dictionnaire doit associer des chaînes à des chaînes'],
  ['push_provider', 'The X should be in apns.dev, apns, fcm', 'Le champ X doit être parmi apns.dev, apns, fcm'],
  [
    'push_param',
    'The X should be null or contain only alphanumeric, dots and underscore characters',
    'Le champ X doit être nul ou ne contenir que des caractères alphanumériques, points et tirets bas',
  ],
  [
    'push_prid',
    'The X should be null or contain only alphanumeric, dashes, underscore and colon characters',
    'Le champ X doit être nul ou ne contenir que des caractères alphanumériques, tirets, tirets bas et deux-points',
  ],
  [
    'call_id',
    'The X should only contain only alphanumeric, tilde and dashes characters',
    'Le champ X ne doit contenir que des caractères alphanumériques, tildes et tirets',
  ],
  ['ini', 'Invalid ini format.', 'Format ini invalide.'],
  ['vcard', 'Invalid vcard passed', 'Vcard invalide'],
  ['vcard_uuid', 'UUID should be the same', "L'UUID doit être identique"],
  ['vcard_exists', 'Vcard already exists', 'La vcard existe déjà'],
  [
    'account_creation_request_token',
    'Please provide a valid account_creation_request_token',
    'Veuillez fournir un account_creation_request_token valide',
  ],
  ['account_creation_token', 'Please provide a valid account_creation_token', 'Veuillez fournir un account_creation_token valide'],
  ['token_expired', 'The provided token is expired', 'Le jeton fourni a expiré'],
  ['old_password', 'Incorrect old password', 'Ancien mot de passe incorrect'],
  ['internal_socket', 'The internal socket cannot be requested properly', 'La socket interne ne répond pas correctement'],
  ['account_blocked', 'Account blocked', 'Compte bloqué'],
  ['account_unvalidated', 'Account unvalidated', 'Compte non validé'],
  ['unauthorized_area', 'Unauthorized area', 'Zone non autorisée'],
  ['unauthorized_action', 'This action is unauthorized.', "Cette action n'est pas autorisée."],
  ['space_expired', 'The related Space has expired', "L'Espace associé a expiré"],
  ['host_unknown', 'Host not configured', 'Hôte non configuré'],
  ['missing_elements', 'Missing elements to perform the request', 'Des éléments manquent pour traiter la requête'],
  ['sip_address_not_found', 'SIP address not found', 'Adresse SIP introuvable'],
  ['email_address_not_found', 'Email address not found', 'Adresse email introuvable'],
  ['no_turn_service', 'No TURN service configured', 'Aucun service TURN configuré'],
  ['no_email', 'No email configured', 'Aucun email configuré'],
  ['dtmf_protocol_missing', 'DTMF Protocol must be configured', 'Le protocole DTMF doit être configuré'],
  ['code_expired', 'Expired code', 'Code expiré'],
  ['token_too_recent', 'Last token requested too recently', 'Dernier jeton demandé trop récemment'],
  ['token_not_sent', 'Token not sent', 'Jeton non envoyé'],
  ['push_not_sent', 'Push notification not sent', 'Notification push non envoyée'],
  ['too_many_attempts', 'Too Many Attempts.', 'Trop de tentatives.'],
  ['server_error', 'Server Error', 'Erreur du serveur'],
  ['service_unavailable', 'Service Unavailable', 'Service indisponible'],
  ['database_error', 'Database error', 'Erreur de base de données'],
  ['iso_date', 'The X must be a valid ISO 8601 date.', 'Le champ X doit être une date ISO 8601 valide.'],
  ['not_before_today', 'The X must be a date after or equal to today.', 'Le champ X doit être une date après ou égale à today.'],
  [
    'ini_reserved',
    'Invalid ini format. The following settings cannot be set, they are already handled by the platform: a, b',
    'Format ini invalide. Les paramètres suivants ne peuvent être définis, ils sont déjà gérés par la plateforme : a, b',
  ],
  ['present', 'The X field must be present.', 'Le champ X doit être present.'],
  [
    'last_super_space_changed',
    'The last super space cannot be changed to a normal one.',
    'Le dernier super espace ne peut pas devenir un espace normal.',
  ],
  ['last_super_space_deleted', 'The last super space cannot be deleted.', 'Le dernier super espace ne peut pas être supprimé.'],
  ['previous_page', '&laquo; Previous', '&laquo; Précédent'],
  ['next_page', 'Next &raquo;', 'Suivant &raquo;'],
];

const values = { n: 3, other: 'realm', names: 'a, b' };
const filled = (sentence: string, field: string) => sentence.replace(/\bX\b/, field).replace(/\bY\b/, 'realm').replace(/\bN\b/, '3');

describe('the catalogue of texts', () => {
  test.each(printed)('says %s as the pages do', (key, english, french) => {
    expect(translate('en', { key, values }, 'phone')).toBe(filled(english, 'phone'));
    expect(translate('fr', { key, values }, 'phone')).toBe(filled(french, 'téléphone'));
  });

  test('has a sentence in both languages for every key', () => {
    for (const key of textKeys) {
      expect(translate('en', { key, values: { text: 'x' } }, 'code')).not.toBe('');
      expect(translate('fr', { key, values: { text: 'x' } }, 'code')).not.toBe('');
    }
  });

  test('leaves what programs read in English', () => {
    expect(translate('fr', { key: 'invalid_json', values: { reason: 'Syntax error' } })).toBe('Invalid JSON: Syntax error');
    expect(translate('fr', { key: 'nonce_replayed' })).toBe('Nonce replayed');
    expect(translate('fr', { key: 'route_unknown', values: { path: 'api/nothing' } })).toBe('The route api/nothing could not be found.');
  });

  test('never fills what a value brought along', () => {
    expect(translate('en', { key: 'verbatim', values: { text: '{field} {n}', n: 1 } }, 'code')).toBe('{field} {n}');
    expect(translate('en', { key: 'route_unknown', values: { path: '$& {field}' } }, 'code')).toBe(
      'The route $& {field} could not be found.',
    );
  });

  test('words every other field of a list', () => {
    expect(translate('fr', { key: 'required_with', values: { other: 'username / realm' } }, 'password')).toBe(
      'Le champ mot de passe est obligatoire quand pseudo / realm est présent.',
    );
  });
});

describe('the name of a field', () => {
  test.each([
    ['pn_provider', 'pn provider', 'pn provider'],
    ['invite_terminated.at', 'invite terminated.at', 'invite terminated.at'],
    ['username', 'username', 'pseudo'],
    ['password', 'password', 'mot de passe'],
    ['phone', 'phone', 'téléphone'],
    ['name', 'name', 'nom'],
    ['title', 'title', 'titre'],
    ['value', 'value', 'valeur'],
    ['role', 'role', 'rôle'],
    ['password_confirmation', 'password confirmation', 'confirmation du mot de passe'],
    ['old_password', 'old password', 'old password'],
    ['email', 'email', 'email'],
  ])('%s', (field, english, french) => {
    expect(fieldName('en', field)).toBe(english);
    expect(fieldName('fr', field)).toBe(french);
  });
});
