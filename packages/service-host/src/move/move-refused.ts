/** Something stands in the way that the operator can clear; nothing was lost. */
export class MoveRefused extends Error {
  readonly code = 'service-host/move-refused';
}

/** The target was filled, and is not what the folder is. */
export class MoveDiffers extends Error {
  readonly code = 'service-host/move-differs';
}
