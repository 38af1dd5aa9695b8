import type { Reason } from "./reason.ts";

/** Why a box's gateway does not serve. */
export const GATEWAY_REASONS = {
  not_ready: {
    means: "The gateway came up and then failed three probes in a row",
    todo: "Read the box's log (`fleet-agent boxes logs BOX`); it is restarted meanwhile",
    runbook: "unhealthy-box",
    itself: "restart",
    job: "retry",
    owner: {
      en: { cause: "It runs, but it does not answer.", todo: null },
      pt: { cause: "Ele está rodando, mas não responde.", todo: null },
    },
  },
  crash_loop: {
    means: "The gateway ends again and again",
    todo: "Read the last lines of the box's log. If many boxes of one image do so, stop its rollout",
    runbook: "unhealthy-box",
    itself: "restart",
    job: "retry",
    owner: {
      en: { cause: "It stops each time it is started.", todo: null },
      pt: { cause: "Ele para sempre que é iniciado.", todo: null },
    },
  },
  out_of_memory: {
    means: "The box was ended because it used more memory than its tier has",
    todo: "See what the agent runs. If it needs that much, move the box to a larger tier",
    runbook: "unhealthy-box",
    itself: "restart",
    job: "retry",
    owner: {
      en: {
        cause: "It needs more memory than its plan has.",
        todo: "Give it smaller tasks, or choose a larger plan.",
      },
      pt: {
        cause: "Ele precisa de mais memória do que o plano tem.",
        todo: "Dê a ele tarefas menores ou escolha um plano maior.",
      },
    },
  },
  config_refused: {
    means: "The gateway refuses its configuration (exit code 78)",
    todo: "The box's log names the key. If many boxes of one image do so, stop its rollout",
    runbook: "box-wont-start",
    itself: "nothing",
    job: "retry",
    owner: {
      en: { cause: "Its settings don't fit its software.", todo: null },
      pt: { cause: "As configurações não combinam com o software dele.", todo: null },
    },
  },
  state_damaged: {
    means: "A database of the box's memory is damaged, so the gateway can't start",
    todo: "Restore the newest backup into the box (`fleet-agent backups restore`)",
    runbook: "backup-and-restore",
    itself: "nothing",
    job: "final",
    owner: {
      en: { cause: "A file of its memory is damaged. We will bring back the newest backup.", todo: null },
      pt: { cause: "Um arquivo da memória dele está danificado. Vamos restaurar o backup mais recente.", todo: null },
    },
  },
  state_newer: {
    means: "The box's memory was written by a newer OpenClaw than the one in its image",
    todo: "Give the box the newer image again, or restore a backup from before the upgrade",
    runbook: "box-wont-start",
    itself: "nothing",
    job: "final",
    owner: {
      en: { cause: "Its memory belongs to a newer version of its software.", todo: null },
      pt: { cause: "A memória dele é de uma versão mais nova do software.", todo: null },
    },
  },
  volume_full: {
    means: "The box's volume is full (ENOSPC)",
    todo: "Have the agent delete files, or move the box to a larger tier",
    runbook: "unhealthy-box",
    itself: "resume",
    job: "final",
    owner: {
      en: {
        cause: "Its disk is full.",
        todo: "Choose a larger plan, or write to us if we should delete files for you.",
      },
      pt: {
        cause: "O disco dele está cheio.",
        todo: "Escolha um plano maior ou escreva para nós se devemos apagar arquivos.",
      },
    },
  },
  egress_open: {
    means: "The gateway is not started, since the box reaches addresses that its network policy should close",
    todo: "See whether the cluster enforces network policies",
    runbook: "policy-not-in-force",
    itself: "resume",
    job: "retry",
    owner: {
      en: { cause: "The network around it is not safe yet, so we don't start it.", todo: null },
      pt: { cause: "A rede em volta dele ainda não está segura, por isso não o iniciamos.", todo: null },
    },
  },
  egress_shut: {
    means: "The gateway is not started, since the box can't reach the edge",
    todo: "See whether the edge answers, and whether the box's network policy lets it through",
    runbook: "box-wont-start",
    itself: "resume",
    job: "retry",
    owner: {
      en: { cause: "It can't reach our service, so we don't start it.", todo: null },
      pt: { cause: "Ele não alcança nosso serviço, por isso não o iniciamos.", todo: null },
    },
  },
  turned_against_us: {
    means: "What runs in the box changes our settings again and again, or starts processes without end",
    todo: "See what the agent was told to do (`fleet-agent boxes logs BOX`); suspend the box if it goes on",
    runbook: "unhealthy-box",
    itself: "restart",
    job: "retry",
    owner: {
      en: { cause: "Something that it runs works against its own settings.", todo: null },
      pt: { cause: "Algo que ele executa atua contra as próprias configurações.", todo: null },
    },
  },
  timeout: {
    means: "The box did not get where it should be in the time that it has",
    todo: "The job's steps say what it waited for last",
    runbook: "box-wont-start",
    itself: "nothing",
    job: "retry",
    owner: {
      en: { cause: "It takes too long to start.", todo: null },
      pt: { cause: "Ele demora demais para iniciar.", todo: null },
    },
  },
} as const satisfies Record<string, Reason>;
