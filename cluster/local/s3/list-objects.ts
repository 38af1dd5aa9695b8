import type { ObjectInfo } from "./object-store.ts";
import { S3Error, XML_HEAD, xmlText } from "./s3-error.ts";

/** On one page. */
const MOST = 1_000;
const KNOWN = ["list-type", "prefix", "continuation-token"];

/** ListObjectsV2. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listObjects(bucket: string, query: URLSearchParams, list: (prefix: string) => ObjectInfo[]): string {
  if (query.get("list-type") !== "2" || [...query.keys()].some((name) => !KNOWN.includes(name))) {
    throw new S3Error("NotImplemented", "Only ListObjectsV2 by prefix is implemented here.");
  }
  const prefix = query.get("prefix") ?? "";
  const after = Buffer.from(query.get("continuation-token") ?? "", "base64url");
  const rest = list(prefix).filter(({ key }) => Buffer.compare(Buffer.from(key), after) > 0);
  const page = rest.slice(0, MOST);
  const token = rest.length > MOST ? Buffer.from(page.at(-1)?.key ?? "").toString("base64url") : "";
  const next = token && `<NextContinuationToken>${token}</NextContinuationToken>`;
  return `${XML_HEAD}<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><Prefix>${xmlText(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${MOST}</MaxKeys><IsTruncated>${token !== ""}</IsTruncated>${next}${page.map(entry).join("")}</ListBucketResult>`;
}

const entry = ({ key, bytes }: ObjectInfo): string =>
  `<Contents><Key>${xmlText(key)}</Key><Size>${bytes}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
