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
    means: "The backup can't be restored: it is damaged, or a newer OpenClaw made it",
    todo: "Restore another backup, or give the box a newer image first: the job's message says which",
    runbook: "backup-and-restore",
    itself: "nothing",
    job: "final",
    owner: {
      en: { cause: "A backup of its memory can't be brought back.", todo: null },
      pt: { cause: "Um backup da memória dele não pode ser restaurado.", todo: null },
    },
  },
  backup_too_large: {
    means: "The backup does not fit on the box's volume, with the 64 MiB that are kept free",
    todo: "Make room on the volume, or restore into a box of a larger tier",
    runbook: "backup-and-restore",
    itself: "nothing",
    job: "final",
    owner: {
      en: {
        cause: "The backup of its memory is larger than its disk.",
        todo: "Choose a larger plan to bring it back.",
      },
      pt: {
        cause: "O backup da memória dele é maior que o disco.",
        todo: "Escolha um plano maior para restaurá-lo.",
      },
    },
  },
} as const satisfies Record<string, Reason>;
