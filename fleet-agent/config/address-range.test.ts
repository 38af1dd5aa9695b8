import { describe, expect, it } from "vitest";
import { rangeProblem } from "./address-range.ts";
import { TELEGRAM } from "./cluster-settings.ts";

/** https://www.cloudflare.com/ips/ */
const CLOUDFLARE = [
  "173.245.48.0/20",
  "104.16.0.0/13",
  "172.64.0.0/13",
  "131.0.72.0/22",
  "2400:cb00::/32",
  "2a06:98c0::/29",
];

describe("a destination of boxes", () => {
  it.each([...CLOUDFLARE, ...TELEGRAM.map(({ cidr }) => cidr)])("may be what providers publish: %s", (cidr) => {
    expect(rangeProblem(cidr)).toBeNull();
  });

  it.each(["10.1.2.3/32", "192.168.0.9/32", "100.64.1.1/32", "fd12::1/128"])(
    "may be one private address: %s",
    (cidr) => {
      expect(rangeProblem(cidr)).toBeNull();
    },
  );

  it.each([
    "10.0.0.0/12",
    "10.0.0.0/31",
    "172.16.0.0/16",

    "192.168.1.0/24",
    "100.64.0.0/24",
    "fd00::/64",
  ])("may not be a private network: %s", (cidr) => {
    expect(rangeProblem(cidr)).toMatch(/private network|or narrower/);
  });

  it.each(["0.0.0.0/0", "128.0.0.0/1", "9.0.0.0/8", "104.0.0.0/11", "::/0", "2000::/3", "2a00::/16"])(
    "may not be as wide as the internet: %s",
    (cidr) => {
      expect(rangeProblem(cidr)).toMatch(/^must be \/(12|28) or narrower$/);
    },
  );

  it.each([
    "169.254.169.254/32",
    "169.254.0.0/16",
    "127.0.0.1/32",
    "0.0.0.0/32",
    "224.0.0.1/32",
    "255.255.255.255/32",
    "::1/128",
    "::ffff:10.0.0.1/128",
    "fe80::1/128",
    "ff02::1/128",
    "fd00:ec2::254/128",
  ])("may never be one of the host's own, nor the metadata service: %s", (cidr) => {
    expect(rangeProblem(cidr)).toMatch(/must not contain/);
  });
});
