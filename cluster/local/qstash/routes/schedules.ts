import { Hono } from "hono";
import { newId } from "../ids.ts";
import { endpointsOf } from "../publish.ts";
import { notFound, qstashError } from "../qstash-error.ts";
import { checkQueueName, requireQueue } from "../queues.ts";
import { isHttpUrl, readSettings } from "../read-settings.ts";
import { nextScheduleTime } from "../schedules.ts";
import type { Service } from "../service.ts";
import { showSchedule } from "../views.ts";
import { bodyBase64, callerIp, rawAfter } from "./caller.ts";

/** `/v2/schedules`: make (or change, by id), look at, pause, resume and delete. */
export function scheduleRoutes({ core, dispatcher }: Service): Hono {
  const find = (id: string) => {
    const schedule = core.schedules.get(id);
    if (!schedule) throw notFound("schedule");
    return schedule;
  };
  const setPaused = (id: string, isPaused: boolean) => {
    const schedule = find(id);
    core.schedules.set(id, { ...schedule, isPaused, nextScheduleTime: nextScheduleTime(core, schedule.cron) });
    dispatcher.wake();
    return new Response(null, { status: 200 });
  };
  return new Hono()
    .get("/v2/schedules", (context) => context.json([...core.schedules.values()].map(showSchedule)))
    .get("/v2/schedules/:id", (context) => context.json(showSchedule(find(context.req.param("id")))))
    .delete("/v2/schedules/:id", (context) => {
      core.schedules.delete(find(context.req.param("id")).scheduleId);
      return context.body(null, 200);
    })
    .on(["PATCH", "POST"], "/v2/schedules/:id/pause", (context) => setPaused(context.req.param("id"), true))
    .on(["PATCH", "POST"], "/v2/schedules/:id/resume", (context) => setPaused(context.req.param("id"), false))
    .post("/v2/schedules/*", async (context) => {
      const { headers } = context.req.raw;
      const destination = rawAfter(context, "/v2/schedules/");
      if (!isHttpUrl(destination)) endpointsOf(core, destination);
      const cron = headers.get("upstash-cron") ?? "";
      const scheduleId = checkScheduleId(headers.get("upstash-schedule-id") || newId("scd"));
      const queueName = headers.get("upstash-queue-name") || undefined;
      if (queueName !== undefined) requireQueue(core, checkQueueName(queueName));
      core.schedules.set(scheduleId, {
        scheduleId,
        cron,
        destination,
        settings: readSettings(headers),
        bodyBase64: await bodyBase64(context),
        queueName,
        callerIp: callerIp(context),
        createdAt: core.schedules.get(scheduleId)?.createdAt ?? core.clock.now(),
        isPaused: core.schedules.get(scheduleId)?.isPaused ?? false,
        nextScheduleTime: nextScheduleTime(core, cron),
      });
      dispatcher.wake();
      return context.json({ scheduleId });
    });
}

function checkScheduleId(id: string): string {
  if (/^[A-Za-z0-9._-]+$/.test(id)) return id;
  throw qstashError(400, "schedule ids can only contain alphanumeric characters, hyphens, periods, and underscores");
}
