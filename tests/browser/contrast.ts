import type { Page } from "playwright-core";

/** WCAG 2.2, 1.4.3: 3 : 1 from 24 px, or from 18.66 px when bold. */
const LARGE = { size: 24, boldSize: 18.66, ratio: 3 };
const RATIO = 4.5;

/** Texts whose colour is too near to the ground they stand on, as `ratio text`. Empty is good. */
export async function contrastFailures(page: Page): Promise<string[]> {
  const texts = await page.evaluate(textsOnGrounds);
  return texts.flatMap(({ text, color, ground, size, bold }) => {
    const large = size >= LARGE.size || (bold && size >= LARGE.boldSize);
    const ratio = contrast(color, ground);
    return ratio < (large ? LARGE.ratio : RATIO) ? [`${ratio.toFixed(2)} ${text}`] : [];
  });
}

type Rgba = [number, number, number, number];
interface TextOnGround {
  text: string;
  color: Rgba;
  ground: Rgba;
  size: number;
  bold: boolean;
}

/** Runs in the page. A canvas turns any colour notation into RGBA; grounds are laid over each other from the top. */
function textsOnGrounds(): TextOnGround[] {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!canvas) throw new Error("no canvas");
  const rgba = (color: string): Rgba => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0, a = 0] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top: Rgba, below: Rgba): Rgba => {
    const mix = (i: 0 | 1 | 2) => top[i] * top[3] + below[i] * (1 - top[3]);
    return [mix(0), mix(1), mix(2), 1];
  };
  const groundOf = (element: Element | null): Rgba =>
    element
      ? over(rgba(getComputedStyle(element).backgroundColor), groundOf(element.parentElement))
      : [255, 255, 255, 1];

  const found: TextOnGround[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent?.trim();
    if (!text || !element?.checkVisibility() || element.closest("style, script, noscript, :disabled")) continue;
    const style = getComputedStyle(element);
    const ground = groundOf(element);
    const size = Number.parseFloat(style.fontSize);
    found.push({
      text: text.slice(0, 60),
      color: over(rgba(style.color), ground),
      ground,
      size,
      bold: Number(style.fontWeight) >= 700,
    });
  }
  return found;
}

function luminance([r, g, b]: Rgba): number {
  const part = (value: number) =>
    value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
}

export function contrast(one: Rgba, other: Rgba): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}
