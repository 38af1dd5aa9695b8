/** What went wrong, and the id under which the edge's log has the rest. */
export function ProblemNote({ error }: { error: (Error & { requestId?: string | undefined }) | null | undefined }) {
  if (!error) return null;
  const { requestId } = error;
  return (
    <div role="alert" className="rounded-xl bg-bad-soft px-4 py-3 text-sm text-bad">
      <p className="font-semibold">{error.message}</p>
      {requestId && (
        <p className="mt-1">
          Request <code className="font-mono select-all">{requestId}</code>
        </p>
      )}
    </div>
  );
}
