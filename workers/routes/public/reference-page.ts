/** An OpenAPI document as one plain page. */
import { html, raw } from "hono/html";
import type { Document, OperationObject } from "../openapi/objects.ts";

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
code,pre{font:14px/1.45 ui-monospace,monospace}pre{overflow:auto;padding:.75rem;border:1px solid #8884;border-radius:6px}
summary{cursor:pointer;padding:.4rem 0}b{display:inline-block;min-width:4rem}td,th{padding:.1rem 1rem .1rem 0;text-align:left;vertical-align:top}`;

export function referencePage(document: Document) {
  const { info } = document;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${info.title} API</title><style>${raw(STYLE)}</style></head>
<body><h1>${info.title} <small>${info.version}</small></h1><p>${info.description}</p>
<p>The machine-readable form is <a href="/openapi.json">/openapi.json</a>.</p>
${document.tags.map(({ name }) => html`<h2>${name}</h2>${operations(document, name)}`)}
<h2>Schemas</h2>${schemas(document.components.schemas)}</body></html>`;
}

const operations = ({ paths, components }: Document, audience: string) =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, { tags }]) => tags[0] === audience)
      .map(([method, operation]) => operationPart(method, path, operation, components.responses)),
  );

type Problems = Document["components"]["responses"];

const operationPart = (method: string, path: string, operation: OperationObject, problems: Problems) => html`<details>
<summary><b>${method.toUpperCase()}</b> <code>${path}</code> ${operation.summary}</summary>
<table>${operation.parameters.map(
  (parameter) => html`<tr><td><code>${parameter.name}</code></td><td>${parameter.in}</td>
<td>${parameter.required ? "required" : ""}</td><td><code>${JSON.stringify(parameter.schema)}</code></td></tr>`,
)}</table>
${Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => html`<p>Body</p>${json(schema)}`)}
<table>${Object.entries(operation.responses).map(
  ([status, response]) =>
    html`<tr><th>${status}</th><td>${"$ref" in response ? problems[response.$ref.split("/").pop() ?? ""]?.description : response.description}</td></tr>`,
)}</table></details>`;

const schemas = (all: object) =>
  Object.entries(all).map(
    ([name, schema]) => html`<details><summary><code>${name}</code></summary>${json(schema)}</details>`,
  );

const json = (value: unknown) => html`<pre>${JSON.stringify(value, null, 2)}</pre>`;
