import { SelectField, TextField } from "./field.tsx";

interface Control {
  name: string;
  label: string;
  value: string;
  onChange(value: string): void;
}

interface Props {
  titleId: string;
  title: string;
  search: Control & { placeholder: string };
  choices: readonly (Control & { any: string; values: readonly string[] })[];
}

/** A list's heading, with what it can be narrowed by. */
export function ListHead({ titleId, title, search, choices }: Props) {
  return (
    <div className="flex flex-wrap items-end gap-x-4 gap-y-3">
      <h2 id={titleId} className="mr-auto text-xl font-bold">
        {title}
      </h2>
      <div className="w-full sm:w-64">
        <TextField {...search} />
      </div>
      {choices.map(({ any, values, ...choice }) => (
        <div key={choice.name} className="w-full sm:w-44">
          <SelectField {...choice} options={[["", any], ...values.map((value) => [value, value] as const)]} />
        </div>
      ))}
    </div>
  );
}
