import type { BoxStatus } from "#schema/domain/states.ts";

export type Tone = "good" | "warn" | "bad" | "plain";

const TONE_CLASSES: Readonly<Record<Tone, string>> = {
  good: "bg-good-soft text-good",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  plain: "bg-sunk text-muted",
};

const BOX_TONES: Readonly<Record<BoxStatus, Tone>> = {
  pending: "warn",
  provisioning: "warn",
  active: "good",
  updating: "warn",
  suspending: "warn",
  suspended: "plain",
  reactivating: "warn",
  destroying: "warn",
  destroyed: "plain",
  failed: "bad",
};

const HEALTH_TONES = { healthy: "good", unhealthy: "bad", unknown: "plain" } as const;

export function Badge({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span
      className={`inline-block rounded-full px-2.5 py-0.5 text-xs font-semibold whitespace-nowrap ${TONE_CLASSES[tone]}`}
    >
      {children}
    </span>
  );
}

export const StatusBadge = ({ status }: { status: BoxStatus }) => <Badge tone={BOX_TONES[status]}>{status}</Badge>;

export const HealthBadge = ({ health }: { health: keyof typeof HEALTH_TONES }) => (
  <Badge tone={HEALTH_TONES[health]}>{health}</Badge>
);
