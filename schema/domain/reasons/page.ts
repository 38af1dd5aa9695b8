/** docs/10-reasons.md, as the catalogue gives it. Written anew by `npm run docs:reasons`. */
import { REASON_CODES, REASONS, type ReasonCode } from "./catalogue.ts";
import type { Reason } from "./reason.ts";

const INTRODUCTION = `# Reasons

Why a box or a job is not as it should be: one catalogue, \`schema/domain/reasons\`. A reason is named where it is known (an errno, the
gateway's exit code and last words, Telegram's answer, a pod's state) and carried unchanged to the job (\`error_code\`), to the box (\`health_code\`), to the
owner's letter, to the command line and to /admin. The message beside it has the details of the case.

This page is generated from the catalogue by \`npm run docs:reasons\`.`;

const OPERATORS = `## What operators read

"Job" is what is done about a job that failed for this reason, "box" what is done about a box that runs and is unhealthy for it.`;

const OWNERS = `## What owners read

In the letter about an agent that does not answer. Where there is nothing to do, it says so. That a restart was tried is said only where one was.`;

export function reasonsPage(): string {
  const operators = table(
    ["code", "what it means", "what to do", "job", "box", "runbook"],
    REASON_CODES.map((code) => [`\`${code}\``, ...operatorCells(REASONS[code])]),
  );
  const owners = table(
    ["code", "English", "Portuguese"],
    REASON_CODES.map((code) => [`\`${code}\``, ownerCell(code, "en"), ownerCell(code, "pt")]),
  );
  return `${[INTRODUCTION, OPERATORS, operators, OWNERS, owners].join("\n\n")}\n`;
}

const JOB: Record<Reason["job"], string> = { retry: "tried again, five times in all", final: "ends at once" };
const BOX: Record<Reason["itself"], string> = {
  restart: "restarted after 1, 5, 15 and 60 minutes",
  resume: "goes on once the cause is gone",
  nothing: "stays so",
};

const operatorCells = ({ means, todo, job, itself, runbook }: Reason): string[] => [
  means,
  todo,
  JOB[job],
  BOX[itself],
  runbook === null ? "" : `[${runbook}](runbooks/${runbook}.md)`,
];

function ownerCell(code: ReasonCode, language: keyof Reason["owner"]): string {
  const { cause, todo } = REASONS[code].owner[language];
  return [cause, todo].filter(Boolean).join(" ");
}

const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
