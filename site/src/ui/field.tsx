import { type ReactNode, useId, useState } from "react";

interface FieldProps {
  name: string;
  label: string;
  value: string;
  error?: string | undefined;
  hint?: string;
  onChange(value: string): void;
}

const INPUT =
  "w-full min-h-11 rounded-xl border bg-paper px-3 py-2 text-ink placeholder:text-muted aria-invalid:border-bad border-line";

interface ControlProps {
  id: string;
  "aria-invalid": boolean;
  "aria-describedby": string | undefined;
  name: string;
  value: string;
  onChange(event: { currentTarget: { value: string } }): void;
}

/** Label, control, and under it the error or else the hint, tied together for a screen reader. */
function Labelled(props: FieldProps & { children(control: ControlProps): ReactNode }) {
  const id = useId();
  const note = props.error ?? props.hint;
  return (
    <div className="grid content-start gap-1.5">
      <label htmlFor={id} className="text-sm font-semibold">
        {props.label}
      </label>
      {props.children({
        id,
        "aria-invalid": Boolean(props.error),
        "aria-describedby": note ? `${id}-note` : undefined,
        name: props.name,
        value: props.value,
        onChange: (event) => props.onChange(event.currentTarget.value),
      })}
      {note && (
        <p id={`${id}-note`} className={`text-sm ${props.error ? "font-semibold text-bad" : "text-muted"}`}>
          {note}
        </p>
      )}
    </div>
  );
}

type TextProps = FieldProps & { type?: "text" | "email"; inputMode?: "numeric" | "email"; placeholder?: string };

export function TextField({ type = "text", inputMode, placeholder, ...field }: TextProps) {
  return (
    <Labelled {...field}>
      {(control) => (
        <input
          {...control}
          className={INPUT}
          type={type}
          inputMode={inputMode}
          placeholder={placeholder}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
      )}
    </Labelled>
  );
}

/** As many lines as are written. */
export function LinesField({ placeholder, ...field }: FieldProps & { placeholder?: string }) {
  return (
    <Labelled {...field}>
      {(control) => (
        <textarea
          {...control}
          className={INPUT}
          rows={Math.max(1, field.value.split("\n").length)}
          placeholder={placeholder}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
      )}
    </Labelled>
  );
}

/** Hidden like a password until the operator asks to see it. */
export function SecretField({ placeholder, ...field }: FieldProps & { placeholder?: string }) {
  const [shown, setShown] = useState(false);
  return (
    <Labelled {...field}>
      {(control) => (
        <div className="relative">
          <input
            {...control}
            className={`${INPUT} pr-18 font-mono`}
            type={shown ? "text" : "password"}
            placeholder={placeholder}
            autoComplete="off"
            spellCheck={false}
          />
          <button
            type="button"
            aria-pressed={shown}
            aria-label={`Show ${field.label}`}
            className="absolute inset-y-1 right-1 rounded-lg px-3 text-sm font-semibold text-accent"
            onClick={() => setShown(!shown)}
          >
            {shown ? "Hide" : "Show"}
          </button>
        </div>
      )}
    </Labelled>
  );
}

export function SelectField({ options, ...field }: FieldProps & { options: readonly (readonly [string, string])[] }) {
  return (
    <Labelled {...field}>
      {(control) => (
        <div className="relative">
          <select {...control} className={`${INPUT} appearance-none pr-9`}>
            {options.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
          <Chevron />
        </div>
      )}
    </Labelled>
  );
}

function Chevron() {
  return (
    <svg
      className="pointer-events-none absolute inset-y-0 right-3 my-auto size-4 text-muted"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d="m3 6 5 5 5-5" />
    </svg>
  );
}
