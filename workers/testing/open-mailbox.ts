/** A mailbox of a test's own, on a clock and jobs that the test moves; and fleet-agents that talk to it. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import type { Grant, MailboxMessage } from "#schema/contracts/fleet.ts";
import { KID_HEADER } from "../contracts/mailbox.ts";
import { createFakeJobs } from "../objects/fleet-mailbox/testing/fake-jobs.ts";
import type { FleetMailbox } from "../objects/fleet-mailbox.ts";
import { mailboxes } from "./objects.ts";

// Far ahead, so that no alarm fires by itself.
export const START = Date.parse("2099-03-10T00:00:00Z");

type Running = { job_id: string; fence: number }[];

export async function openMailbox() {
  const clock = { now: START };
  const jobs = createFakeJobs(() => clock.now);
  const stub = mailboxes.get(mailboxes.idFromName(crypto.randomUUID()));
  /** What an eviction takes away: the instance, and with it the test's clock and jobs. */
  const attach = () =>
    runInDurableObject(stub, (mailbox: FleetMailbox) => {
      mailbox.now = () => clock.now;
      mailbox.jobs = jobs;
    });
  await attach();

  const ring = () => runDurableObjectAlarm(stub);
  const poll = (capacity = 10, running: Running = [], instance?: string, kid = "key-1") =>
    stub.poll({ capacity, running, wait: 0, ...(instance && { instance }) }, kid);

  /** A queued job, offered. */
  async function offered(boxId: string = crypto.randomUUID()) {
    const offer = jobs.add(boxId);
    await stub.offer([offer]);
    return offer;
  }

  const connect = (capacity: number, running: Running = [], place: { instance?: string; kid?: string } = {}) =>
    connectTo(stub, { capacity, running, ...place });

  return { clock, jobs, stub, attach, ring, poll, offered, connect };
}

interface Hello {
  capacity: number;
  running: Running;
  instance?: string;
  kid?: string;
}

/** A fleet-agent's socket after its hello, and the messages that it got. */
async function connectTo(stub: DurableObjectStub<FleetMailbox>, { capacity, running, instance, kid = "key-1" }: Hello) {
  const headers = { upgrade: "websocket", [KID_HEADER]: kid };
  const response = await stub.fetch("https://mailbox/", { headers });
  const socket = response.webSocket;
  if (!socket) throw new Error("no socket");
  const told: string[] = [];
  socket.accept();
  socket.addEventListener("message", ({ data }) => {
    told.push(String(data));
  });
  const hello = (free: number) => socket.send(JSON.stringify({ type: "hello", capacity: free, running, instance }));
  hello(capacity);
  const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
  const messages = (): MailboxMessage[] => told.filter((text) => text.startsWith("{")).map((text) => JSON.parse(text));
  return { socket, told, hello, closed, messages, grants: () => grantsIn(messages()) };
}

export const grantsIn = (messages: readonly MailboxMessage[]): Grant[] =>
  messages.flatMap((message) => (message.type === "grant" ? [message.grant] : []));

export const eventually = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 10 });
