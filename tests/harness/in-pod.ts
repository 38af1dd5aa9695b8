import { kubectl, podsOf } from "./cluster.ts";

/** What a shell's script prints in the namespace's one pod that runs. */
export async function inPod(namespace: string, script: string): Promise<string> {
  const pod = (await podsOf(namespace)).find(({ status }) => status.phase === "Running");
  return (await kubectl(["exec", "-n", namespace, pod?.metadata.name ?? "", "--", "sh", "-c", script])).trim();
}

const READ = `
  const { DatabaseSync } = require("node:sqlite");
  const database = new DatabaseSync(process.argv[1], { readOnly: true });
  console.log(JSON.stringify(database.prepare("SELECT * FROM transcript_events").all()));`;

/** Everything in the conversation's database, as text: of the gateway's state, or of a copy of it. */
export const conversationIn = (namespace: string, state = "/data/openclaw"): Promise<string> =>
  inPod(namespace, `node -e '${READ}' ${state}/agents/main/agent/openclaw-agent.sqlite`);
