import { expect, test } from "vitest";
import { isPrivate } from "./private-address.ts";

test.each([
  "http://127.0.0.1:8080",
  "http://10.111.0.1:1/telegram",
  "http://172.31.0.9",
  "http://192.168.1.1",
  "http://100.64.0.1",
  "http://[::1]:80",
  "http://[fd00::1]",
  "http://localhost:3000",
  "http://telegram",
  "http://telegram.tools.svc",
  "http://telegram.tools.svc.cluster.local",
])("%s is private", (url) => expect(isPrivate(url)).toBe(true));

test.each([
  "https://api.telegram.org",
  "http://172.32.0.1",
  "http://8.8.8.8",
  "https://localhost.example.com",
  "http://[2001:db8::1]",
])("%s is public", (url) => expect(isPrivate(url)).toBe(false));
