import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".txt": "text/plain; charset=utf-8",
};

const read = (path: string): Promise<Buffer | undefined> => readFile(path).catch(() => undefined);

/** Answers as Cloudflare's static assets do: `/admin` is admin.html, and what is not there is 404.html. */
export async function staticFile(root: string, pathname: string): Promise<Response> {
  const name = normalize(pathname === "/" ? "/index.html" : pathname);
  const file = extname(name) ? name : `${name}.html`;
  const found = await read(join(root, file));
  const body = found ?? (await read(join(root, "404.html")));
  if (!body) throw new Error(`${root} holds no built site: run \`npm run build:site\` first`);
  return new Response(new Uint8Array(body), {
    status: found ? 200 : 404,
    headers: { "content-type": (found && TYPES[extname(file)]) ?? "text/html; charset=utf-8" },
  });
}
