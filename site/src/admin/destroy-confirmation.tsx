import { type SubmitEvent, useEffect, useRef, useState } from "react";
import { TextField } from "../ui/field.tsx";

interface Props {
  bot: string;
  pending: boolean;
  onConfirm(): void;
  onCancel(): void;
}

/** Destroying can't be undone, so the operator types the bot's name; with or without @. */
export function DestroyConfirmation({ bot, pending, onConfirm, onCancel }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const [typed, setTyped] = useState("");
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  const matches = typed.trim().replace(/^@/, "") === bot;
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (matches && !pending) onConfirm();
  };
  return (
    <form
      ref={form}
      method="post"
      onSubmit={submit}
      className="grid gap-4 rounded-2xl border-2 border-bad p-4"
      aria-label="Destroy this box"
    >
      <p>
        <strong>This deletes the agent and everything it remembers.</strong> It cannot be undone.
      </p>
      <TextField name="bot" label={`Type ${bot} to go on`} value={typed} onChange={setTyped} />
      <div className="flex flex-wrap gap-2">
        <button type="submit" className="button" disabled={!matches || pending}>
          Destroy it
        </button>
        <button type="button" className="button quiet" onClick={onCancel}>
          Keep it
        </button>
      </div>
    </form>
  );
}
