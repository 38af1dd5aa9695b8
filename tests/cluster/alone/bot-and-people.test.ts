import { afterAll, beforeAll, inject } from "vitest";
import { type PeoplesBox, provisionForPeople, testBotAndPeople } from "#tests/harness/bot-and-people.ts";
import { type ClusterStack, startClusterStack } from "#tests/harness/cluster.ts";

let cluster: ClusterStack;
let box: PeoplesBox;

beforeAll(async () => {
  cluster = await startClusterStack(inject("bundle"));
  cluster.startAgent();
  box = await provisionForPeople(cluster.stack, cluster.operator);
});
afterAll(() => cluster.close());

testBotAndPeople(() => box);
