import type { Messages } from "./messages.ts";

export const es: Partial<Messages> = {
  quotaExceeded: ({ date, link }) =>
    `Has agotado tus tokens de este mes. Se renuevan el ${date}. Para seguir ahora mismo, elige un plan mayor: ${link}`,
  modelUnavailable:
    "Ahora mismo no puedo responder, porque el modelo de IA que uso no contesta. Nuestro equipo ya está avisado. Vuelve a escribirme dentro de unos minutos.",
  modelBusy: "El modelo de IA que uso está sobrecargado en este momento. Vuelve a escribirme dentro de unos minutos.",
  answerBrokeOff: "Mi respuesta se corta aquí, porque el modelo de IA ha dejado de contestar. Vuelve a escribirme.",
  voiceUnheard: "Todavía no puedo escuchar mensajes de voz. Escríbeme en texto, por favor.",
};
