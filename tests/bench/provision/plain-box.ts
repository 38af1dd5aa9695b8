import { readClusterSettings } from "#fleet-agent/config/config.ts";
import { allObjects, boxObjects } from "#fleet-agent/drivers/desired/box-objects.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { namespaceOf, newId } from "#schema/domain/ids.ts";
import { DEFAULT_LANGUAGE, DEFAULT_MODEL, DEFAULT_THINKING_LEVEL, MODELS } from "#schema/domain/models.ts";
import { kubectlByForce } from "#tests/harness/cluster.ts";
import type { Bench } from "./stages.ts";

/** The floor: the objects that the fleet-agent would write, made beforehand, by one `kubectl apply`. Ms until Ready. */
export async function applyPlainBox(
  { cluster: { stack, agentEnv }, ready, name }: Bench,
  limitMs: number,
  made: (namespace: string) => void,
): Promise<number> {
  const bot = stack.services.telegram.createBot({ username: name(), name: "Plain" });
  const box = desiredBox(bot.token, stack.url, stack.services.urls.telegram);
  const items = allObjects(boxObjects(box, readClusterSettings(agentEnv)));
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  const namespace = namespaceOf(box.box_id);
  made(namespace);
  const start = performance.now();
  await kubectlByForce(["apply", "-f", "-", "--request-timeout=60s"], list);
  return (await ready.when(namespace, limitMs)) - start;
}

function desiredBox(botToken: string, edge: string, telegram: string): DesiredBox {
  const id = newId();
  const model = MODELS[DEFAULT_MODEL];
  return {
    box_id: id,
    customer_id: newId(),
    generation: 1,
    fence: 1,
    status: "active",
    tier: "starter",
    restart_token: "0",
    config: {
      box_id: id,
      generation: 1,
      language: DEFAULT_LANGUAGE,
      thinking_level: DEFAULT_THINKING_LEVEL,
      system_prompt: null,
      model: {
        id: DEFAULT_MODEL,
        name: model.name,
        context_window: model.contextWindow,
        max_output_tokens: model.maxOutputTokens,
        images: model.images,
      },
      proxy: { base_url: `${edge}/v1`, token: "none: this pod is only waited for" },
      gateway_token: "plain-gateway-token",
      telegram: { bot_token: botToken, allow_from: ["1001"], api_root: telegram },
    },
  };
}
