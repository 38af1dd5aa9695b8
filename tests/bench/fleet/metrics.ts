/** Prometheus' text format, as far as sums over series go. */
export interface Samples {
  /** The sum of the metric's series whose labels hold all of these; 0 where there is none. */
  sum(name: string, labels?: Record<string, string>): number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="([^"]*)"/g;

export function parseMetrics(text: string): Samples {
  const samples = text.split("\n").flatMap((line) => {
    const [, name, labels = "", value] = LINE.exec(line) ?? [];
    if (!name) return [];
    return [{ name, value: Number(value), labels: new Map([...labels.matchAll(LABEL)].map(([, k, v]) => [k, v])) }];
  });
  return {
    sum: (name, wanted = {}) =>
      samples
        .filter((sample) => sample.name === name)
        .filter(({ labels }) => Object.entries(wanted).every(([label, value]) => labels.get(label) === value))
        .reduce((total, { value }) => total + value, 0),
  };
}
