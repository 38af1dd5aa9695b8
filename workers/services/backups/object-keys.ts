/** Objects' names contain only ids. */
export const prefixOf = (backup: { boxId: string; id: string }): string => `boxes/${backup.boxId}/${backup.id}/`;

export const partKey = (backup: { boxId: string; id: string }, index: number): string =>
  `${prefixOf(backup)}${String(index).padStart(5, "0")}`;
