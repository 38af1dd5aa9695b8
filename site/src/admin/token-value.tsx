import { useEffect, useRef, useState } from "react";

/** A token, the one time it can be seen. */
export function TokenValue({ value, onDone }: { value: string; onDone(): void }) {
  const panel = useRef<HTMLDivElement>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    panel.current?.scrollIntoView({ block: "center" });
  }, []);
  const copy = () => {
    // Refused without https or permission: then the operator selects it, which one click does.
    navigator.clipboard?.writeText(value).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <div ref={panel} role="status" className="grid gap-3 rounded-2xl border-2 border-accent bg-surface p-4">
      <p className="font-semibold">This is the token. It is shown here once and kept nowhere.</p>
      <code className="block rounded-xl bg-sunk p-3 font-mono text-sm break-all select-all">{value}</code>
      <div className="flex flex-wrap gap-2">
        <button type="button" className="button" onClick={copy}>
          {copied ? "Copied" : "Copy"}
        </button>
        <button type="button" className="button quiet" onClick={onDone}>
          I have it
        </button>
      </div>
    </div>
  );
}
