/** The one bucket of the built-in object storage. */
export const BACKUP_BUCKET = "box-backups";
