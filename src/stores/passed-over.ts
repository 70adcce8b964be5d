// What a scan of files met and did not take: no rule reaches it, so that somebody should know of it.

/** Counts of one scan. */
export interface PassedOver {
  /** Links are never followed. */
  readonly links: number;
  /** Neither files nor folders nor links: sockets, devices, pipes. */
  readonly otherKinds: number;
  /** Names that are no UTF-8: no key can be written for them. */
  readonly misnamed: number;
  /** Files that the dataset's pattern does not name. */
  readonly otherNames: number;
}
