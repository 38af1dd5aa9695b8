import type { Messages } from "./messages.ts";

export const ru: Partial<Messages> = {
  quotaExceeded: ({ date, link }) =>
    `Токены на этот месяц закончились. Новые появятся ${date}. Чтобы продолжить прямо сейчас, выберите тариф побольше: ${link}`,
};
