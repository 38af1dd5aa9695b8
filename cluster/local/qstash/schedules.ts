/** Schedules publish a message whenever their cron expression says so. */
import type { Core } from "./core.ts";
import { CronError, nextTime, parseCron } from "./cron.ts";
import type { Message, Schedule } from "./message.ts";
import { endpointsOf, newMessage } from "./publish.ts";
import { qstashError } from "./qstash-error.ts";
import { isHttpUrl } from "./read-settings.ts";

/** The next time after now. @throws 400 that says what is wrong with the expression. */
export function nextScheduleTime(core: Core, cron: string): number {
  try {
    return nextTime(parseCron(cron), core.clock.now());
  } catch (error) {
    if (error instanceof CronError) throw qstashError(400, `invalid cron expression: ${error.message}`);
    throw error;
  }
}

/**
 * Accepts the messages of every schedule that is due and returns when the next one is. Runs that were missed while
 * nothing ran are made up by one.
 */
export function fireSchedules(core: Core, accept: (messages: Message[]) => void): number | undefined {
  let next: number | undefined;
  for (const schedule of core.schedules.values()) {
    const planned = schedule.nextScheduleTime <= core.clock.now() ? fire(core, schedule, accept) : schedule;
    if (!planned.isPaused) next = Math.min(next ?? planned.nextScheduleTime, planned.nextScheduleTime);
  }
  return next;
}

/** A paused schedule lets its times pass. */
function fire(core: Core, schedule: Schedule, accept: (messages: Message[]) => void): Schedule {
  const fired: Schedule = {
    ...schedule,
    nextScheduleTime: nextScheduleTime(core, schedule.cron),
    ...(!schedule.isPaused && { lastScheduleTime: core.clock.now() }),
  };
  core.schedules.set(schedule.scheduleId, fired);
  if (!schedule.isPaused) accept(messagesOf(core, schedule));
  return fired;
}

/** None where its URL group was deleted. */
function messagesOf(core: Core, schedule: Schedule): Message[] {
  const { destination, settings, bodyBase64, queueName, scheduleId, callerIp } = schedule;
  const origin = { bodyBase64, queueName, scheduleId, callerIp };
  if (isHttpUrl(destination)) return [newMessage(core, settings, { ...origin, url: destination })];
  if (!core.urlGroups.get(destination)) return [];
  return endpointsOf(core, destination).map(({ url, name }) =>
    newMessage(core, settings, { ...origin, url, topicName: destination, endpointName: name }),
  );
}
