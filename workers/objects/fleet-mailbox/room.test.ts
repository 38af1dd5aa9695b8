import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backgroundRoom, roomiest, totalRoom } from "./room.ts";

describe("room", () => {
  it("the next job goes to whoever has most room, and to nobody who is full", () => {
    const agents = [
      { holder: "a", capacity: 4 },
      { holder: "b", capacity: 9 },
    ];
    expect(roomiest(agents, new Map([["b", 4]]))?.holder).toBe("b");
    expect(roomiest(agents, new Map([["b", 6]]))?.holder).toBe("a");
    expect(
      roomiest(
        agents,
        new Map([
          ["a", 4],
          ["b", 12],
        ]),
      ),
    ).toBeUndefined();
    expect(roomiest([], new Map())).toBeUndefined();
  });

  it("filling the total room fills every agent and overfills none", () => {
    const agent = fc.record({ holder: fc.uuid(), capacity: fc.nat(20) });
    fc.assert(
      fc.property(fc.uniqueArray(agent, { selector: ({ holder }) => holder, maxLength: 6 }), (agents) => {
        const held = new Map<string, number>();
        for (let left = totalRoom(agents, held); left > 0; left--) {
          const next = roomiest(agents, held);
          if (!next) throw new Error("room was promised");
          held.set(next.holder, (held.get(next.holder) ?? 0) + 1);
        }
        for (const { holder, capacity } of agents) expect(held.get(holder) ?? 0).toBe(capacity);
        expect(roomiest(agents, held)).toBeUndefined();
      }),
    );
  });

  it("work that nobody waits for gets half of the places, and one where there is only one", () => {
    const agents = [
      { holder: "a", capacity: 4 },
      { holder: "b", capacity: 3 },
    ];
    expect([0, 2, 3, 9].map((held) => backgroundRoom(agents, held))).toEqual([3, 1, 0, 0]);
    expect(backgroundRoom([{ holder: "a", capacity: 1 }], 0)).toBe(1);
    expect(backgroundRoom([], 0)).toBe(0);
    expect(backgroundRoom([{ holder: "draining", capacity: 0 }], 0)).toBe(0);
  });
});
