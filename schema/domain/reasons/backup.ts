import type { Reason } from "./reason.ts";

/** Why a box's memory could not be backed up or restored. The box itself goes on with the memory that it has. */
export const BACKUP_REASONS = {
  backup: {
    means: "The box's memory could not be backed up or restored",
    todo: "The job's message has the cause",
    runbook: "backup-and-restore",
    itself: "nothing",
    job: "retry",
    owner: {
      en: { cause: "Its memory could not be saved or brought back.", todo: null },
      pt: { cause: "A memória dele não pôde ser salva ou restaurada.", todo: null },
    },
  },
  backup_unusable: {
    means:
      "The backup can't be made or restored as it is: damaged, by a newer OpenClaw, too large, refused by the edge",
    todo: "Restore another backup, or give the box a newer image first: the job's message says which",
    runbook: "backup-and-restore",
    itself: "nothing",
    job: "final",
    owner: {
      en: { cause: "A backup of its memory can't be brought back.", todo: null },
      pt: { cause: "Um backup da memória dele não pode ser restaurado.", todo: null },
    },
  },
  backup_no_room: {
    means:
      "The box's volume has no room: for the backup and the 64 MiB that are kept free beside it, or for the copy to back up",
    todo: "Make room on the volume, or restore into a box of a larger tier",
    runbook: "backup-and-restore",
    itself: "nothing",
    job: "final",
    owner: {
      en: {
        cause: "Its disk has no room for the backup of its memory.",
        todo: "Choose a larger plan.",
      },
      pt: {
        cause: "O disco dele não tem espaço para o backup da memória.",
        todo: "Escolha um plano maior.",
      },
    },
  },
} as const satisfies Record<string, Reason>;
