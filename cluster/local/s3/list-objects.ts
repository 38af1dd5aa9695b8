import type { ObjectInfo } from "./object-store.ts";
import { S3Error, XML_HEAD, xmlText } from "./s3-error.ts";

const MOST = 1_000;

/** ListObjectsV2. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listObjects(bucket: string, query: URLSearchParams, list: (prefix: string) => ObjectInfo[]): string {
  if (query.get("list-type") !== "2") throw new S3Error("NotImplemented", "Only ListObjectsV2 is implemented here.");
  if (query.has("delimiter")) throw new S3Error("NotImplemented", "Delimiters are not implemented here.");
  const max = Number(query.get("max-keys") ?? MOST);
  if (!(Number.isInteger(max) && max >= 0)) throw new S3Error("InvalidArgument", "max-keys is not a whole number.");
  const prefix = query.get("prefix") ?? "";
  const token = query.get("continuation-token");
  const after = token === null ? (query.get("start-after") ?? "") : Buffer.from(token, "base64url").toString("utf8");
  const all = list(prefix).filter(({ key }) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0);
  const page = all.slice(0, Math.min(max, MOST));
  const last = page.at(-1);
  const more = all.length > page.length && last ? Buffer.from(last.key).toString("base64url") : undefined;
  const next = more === undefined ? "" : `<NextContinuationToken>${more}</NextContinuationToken>`;
  return `${XML_HEAD}<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><Prefix>${xmlText(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${max}</MaxKeys><IsTruncated>${more !== undefined}</IsTruncated>${next}${page.map(entry).join("")}</ListBucketResult>`;
}

const entry = ({ key, bytes, etag, modifiedAt }: ObjectInfo): string =>
  `<Contents><Key>${xmlText(key)}</Key><LastModified>${new Date(modifiedAt).toISOString()}</LastModified><ETag>&quot;${etag}&quot;</ETag><Size>${bytes}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
