/** Visitors' questions, with figures from the shared tables. */
import { LANGUAGES, MODELS } from "#schema/domain/models.ts";
import { PLANS, TOKENS_PER_EXCHANGE } from "./plan-figures.ts";

export interface Question {
  asks: string;
  answer: string;
}

const list = new Intl.ListFormat("en", { type: "conjunction" });
const models = list.format(Object.values(MODELS).map((model) => model.name));
const languages = list.format(Object.values(LANGUAGES));
const exchanges = list.format(PLANS.map((plan) => `${plan.exchanges} on ${plan.name}`));

export const QUESTIONS: readonly Question[] = [
  {
    asks: "Do I have to know anything technical?",
    answer:
      "No. If you can send a message in Telegram, you can have an agent. There is nothing to install and nothing to update.",
  },
  {
    asks: "How far do the tokens go?",
    answer: `An agent reads its instructions, its tools and your conversation each time it answers: some ${TOKENS_PER_EXCHANGE.toLocaleString("en-US")} tokens, even for a short question. Cautiously counted that is about ${exchanges}. Long documents cost more.`,
  },
  {
    asks: "What happens when they are used up?",
    answer:
      "Your agent tells you in the chat, with the date on which the next month begins and a way to a bigger plan. Nothing is charged on top, ever.",
  },
  {
    asks: "Which model answers me?",
    answer: `${models}. The access to it is part of every plan: you need no account with a model provider.`,
  },
  {
    asks: "Which languages does it speak?",
    answer: `It is set up in ${languages}, and answers in whatever language you write to it.`,
  },
  {
    asks: "Where do my conversations go?",
    answer:
      "They are kept on your agent’s own storage. What it needs for an answer goes to the model; the door in between counts tokens and keeps no text.",
  },
  {
    asks: "Can I change my mind?",
    answer:
      "A bigger plan starts at once, a smaller one with the next period. If you cancel, your agent runs to the end of what you paid; a week later it is deleted with all it stored.",
  },
];
