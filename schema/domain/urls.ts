/** An address without the slashes at its end. Looks at each character once, however many slashes there are elsewhere. */
export const withoutSlash = (url: string): string => url.replace(/(?<!\/)\/+$/, "");
