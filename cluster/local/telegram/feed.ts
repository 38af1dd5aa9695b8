import type { Message } from "grammy/types";

/** What a user's screen must show at once. */
export type FeedEvent =
  | { type: "message"; bot: string; message: Message }
  | { type: "edited"; bot: string; message: Message }
  | { type: "deleted"; bot: string; message_ids: number[] }
  | { type: "typing"; bot: string; action: string }
  | { type: "draft"; bot: string; draft_id: number; text: string; message: Message }
  | { type: "callback_answer"; bot: string; id: string; text?: string; show_alert: boolean; url?: string }
  | { type: "chats" };

type Listener = (userId: number, event: FeedEvent) => void;

export interface Feed {
  publish(userId: number, event: FeedEvent): void;
  /** Returns how to stop listening. */
  subscribe(listener: Listener): () => void;
}

export function createFeed(): Feed {
  const listeners = new Set<Listener>();
  return {
    publish(userId, event) {
      for (const listener of listeners) listener(userId, event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
