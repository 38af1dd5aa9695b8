import { LANGUAGE_IDS, LANGUAGES, MODEL_IDS, MODELS, THINKING_LEVELS } from "#schema/domain/models.ts";
import { TIER_IDS } from "#schema/domain/tiers.ts";
import { planFigures } from "../plans/plan-figures.ts";
import { LinesField, SecretField, SelectField, TextField } from "../ui/field.tsx";
import type { Draft, Field, FieldErrors } from "./provision-draft.ts";

const TIERS = TIER_IDS.map((id) => [id, `${planFigures(id).name} · ${planFigures(id).price} a month`] as const);
const MODEL_OPTIONS = MODEL_IDS.map((id) => [id, MODELS[id].name] as const);
const THINKING = THINKING_LEVELS.map((level) => [level, level] as const);
const LANGUAGE_OPTIONS = LANGUAGE_IDS.map((id) => [id, LANGUAGES[id]] as const);

interface Props {
  draft: Draft;
  errors: FieldErrors;
  onChange(field: Field, value: string): void;
}

export function ProvisionFields({ draft, errors, onChange }: Props) {
  const bind = (name: Field) => ({
    name,
    value: draft[name],
    error: errors[name],
    onChange: (value: string) => onChange(name, value),
  });
  return (
    <div className="grid gap-4 sm:grid-cols-6">
      <div className="sm:col-span-6">
        <TextField
          {...bind("customer_email")}
          label="Customer email"
          type="email"
          inputMode="email"
          placeholder="name@example.org"
        />
      </div>
      <div className="sm:col-span-6">
        <SecretField
          {...bind("telegram_bot_token")}
          label="Telegram bot token"
          hint="From @BotFather. It is stored encrypted and never shown again."
          placeholder="123456789:AA…"
        />
      </div>
      <div className="sm:col-span-3">
        <LinesField
          {...bind("telegram_users")}
          label="Telegram user ids"
          hint="Who may talk to the agent, one a line, with a name if you like."
          placeholder="123456789 Ada"
        />
      </div>
      <div className="sm:col-span-3">
        <SelectField {...bind("tier")} label="Tier" options={TIERS} />
      </div>
      <div className="sm:col-span-2">
        <SelectField {...bind("model")} label="Model" options={MODEL_OPTIONS} />
      </div>
      <div className="sm:col-span-2">
        <SelectField {...bind("thinking_level")} label="Thinking level" options={THINKING} />
      </div>
      <div className="sm:col-span-2">
        <SelectField {...bind("language")} label="Language" options={LANGUAGE_OPTIONS} />
      </div>
    </div>
  );
}
