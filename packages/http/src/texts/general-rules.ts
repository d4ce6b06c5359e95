/**
 * Texts of the general rules, English and French to the letter (spec auth-and-errors.md §13.2, spaces.md §6).
 * `{field}` is the field as that language words it, `{other}` one or several other fields.
 */
export const generalRules = {
  required: ['The {field} field is required.', 'Le champ {field} est obligatoire.'],
  filled: ['The {field} field must have a value.', 'Le champ {field} est obligatoire.'],
  present: ['The {field} field must be present.', 'Le champ {field} doit être present.'],
  required_with: ['The {field} field is required when {other} is present.', 'Le champ {field} est obligatoire quand {other} est présent.'],
  unique: ['The {field} has already been taken.', 'Le {field} a déjà été pris.'],
  exists: ['The selected {field} is invalid.', 'Le champ {field} sélectionné est invalide.'],
  one_of: ['The selected {field} is invalid.', 'Le champ {field} est invalide.'],
  /** The value is the one that holds already. */
  unchanged: ['The selected {field} is invalid.', "Le champ {field} sélectionné n'est pas valide."],
  string: ['The {field} must be a string.', 'Le {field} doit être une chaîne.'],
  boolean: ['The {field} field must be true or false.', 'Le champ {field} doit être vrai ou faux.'],
  integer: ['The {field} must be an integer.', 'Le champ {field} doit être un entier (un nombre sans virgule).'],
  min_text: ['The {field} must be at least {n} characters.', 'Le texte du champ {field} doit contenir au moins {n} caractères.'],
  min_number: ['The {field} must be at least {n}.', 'La valeur de {field} ne peut être inférieure à {n}.'],
  max_text: ['The {field} may not be greater than {n} characters.', 'Le texte de {field} ne peut contenir plus de {n} caractères.'],
  /** Not on any page: no number had an upper limit in the original; worded like its neighbours. */
  max_number: ['The {field} may not be greater than {n}.', 'La valeur de {field} ne peut être supérieure à {n}.'],
  digits: ['The {field} must be {n} digits.', 'Le champ {field} doit avoir {n} chiffres.'],
  email: ['The {field} must be a valid email address.', 'Le champ {field} doit être une adresse email valide.'],
  phone: ['The {field} field contains an invalid number.', 'Le champ {field} contient un numéro invalide.'],
  date: ['The {field} is not a valid date.', "Le champ {field} n'est pas une date valide."],
  iso_date: ['The {field} must be a valid ISO 8601 date.', 'Le champ {field} doit être une date ISO 8601 valide.'],
  not_before_today: ['The {field} must be a date after or equal to today.', 'Le champ {field} doit être une date après ou égale à today.'],
  alpha_num: ['The {field} may only contain letters and numbers.', 'Le champ {field} doit seulement contenir des chiffres et des lettres.'],
  alpha_dash: [
    'The {field} may only contain letters, numbers, dashes and underscores.',
    'Le champ {field} doit seulement contenir des lettres, des chiffres et des tirets.',
  ],
  different: ['The {field} and {other} must be different.', 'Les champs {field} et {other} doivent être différents.'],
  confirmed: ['The {field} confirmation does not match.', 'Le champ de confirmation {field} ne correspond pas.'],
  accepted: ['The {field} must be accepted.', 'Le champ {field} doit être accepté.'],
} as const;
