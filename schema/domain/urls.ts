/** An address without trailing slashes, in linear time. */
export const withoutSlash = (url: string): string => url.replace(/(?<!\/)\/+$/, "");
