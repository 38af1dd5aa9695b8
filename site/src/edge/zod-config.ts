import * as z from "zod";

// Zod compiles its checks with `new Function`, which the page's security policy forbids. Must run before a schema is made.
z.config({ jitless: true });
