import type { ReactNode } from "react";

/** A table on a wide screen, cards on a phone (`.stack` in desk.css). */
export function Table({ columns, children }: { columns: readonly string[]; children: ReactNode }) {
  return (
    <div className="card overflow-x-auto">
      <table className="stack w-full text-left text-sm">
        <thead className="text-muted">
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col" className="px-4 py-3 font-semibold">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
