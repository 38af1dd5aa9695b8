"""
What Schemathesis can't know from the document: the callers' credentials, the names of what is there, and the few rules
between two fields, or about the state of things, that no JSON Schema can say. What it makes up contrary to the document is
sent as it is.
"""

import hashlib
import json
import os
import time
import uuid
import zlib

import jwt
import schemathesis

KNOWN = json.loads(os.environ["KNOWN"])
AGENT_KEY = jwt.PyJWK.from_dict(KNOWN["agent"]["key"], algorithm="EdDSA").key


class Credential:
    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.auth(refresh_interval=None).apply_to(path_regex="^/internal/|^/healthz")
class Operator(Credential):
    def get(self, case, context):
        return KNOWN["operator_key"]


@schemathesis.auth(refresh_interval=None).apply_to(path_regex="^/fleet/(?!transfers/)")
class Agent(Credential):
    def get(self, case, context):
        now = int(time.time())
        agent = KNOWN["agent"]
        claims = {"iss": agent["cluster"], "aud": agent["audience"], "iat": now, "exp": now + 50, "jti": str(uuid.uuid4())}
        return jwt.encode(claims, AGENT_KEY, algorithm="EdDSA", headers={"kid": agent["key"]["kid"]})


@schemathesis.auth(refresh_interval=None).apply_to(path_regex="^/fleet/transfers/")
class Box(Credential):
    def get(self, case, context):
        return KNOWN["transfer_token"]


@schemathesis.hook
def before_call(context, case, kwargs):
    """What was made to fit the document fits the rest, too."""
    if case.meta is not None and case.meta.generation.mode.is_negative:
        return
    names = case.path_parameters or {}
    for name in names.keys() & KNOWN["ids"].keys():
        names[name] = pick(KNOWN["ids"][name], names[name])
    # A drained cluster takes no boxes, which is a 503 to whoever then asks for one.
    if case.operation.path.endswith("/drain"):
        names["cluster_id"] = KNOWN["spare_cluster"]
    if isinstance(case.body, dict):
        case.body |= fitting(case.operation.path, case.body)
    if case.operation.path == "/internal/usage":
        case.query |= {"from": "2026-03-01", "to": "2026-03-09"}
    if "x-part-sha256" in (case.headers or {}):
        case.headers["x-part-sha256"] = hashlib.sha256(getattr(case.body, "data", case.body)).hexdigest()


def pick(known, made):
    """One of them, the same for the same."""
    return known[zlib.crc32(str(made).encode()) % len(known)]


def fitting(path, body):
    """Fields that only a person could know, or that depend on others."""
    fields = {}
    if body.get("telegram_bot_token"):
        fields["telegram_bot_token"] = pick(KNOWN["bots"], body)
    # Each once, and no more than the smallest plan has room for.
    if body.get("telegram_users"):
        fields["telegram_users"] = body["telegram_users"][:1]
    if path == "/internal/rollouts":
        fields |= {"image": KNOWN["image"], "cluster_id": "local", "canary_percent": 5, "waves": [50, 100]}
    if path == "/internal/tokens" and body.get("expires_at"):
        fields["expires_at"] = "2099-12-31T23:59:59Z"
    if path == "/internal/tokens/lookup":
        fields["token"] = KNOWN["token"]
    if path.startswith("/internal/update/") and body.get("system_prompt"):
        fields["system_prompt"] = None
    if path.endswith("/revoke-agent-key"):
        fields["kid"] = "another"
    if path == "/fleet/poll":
        fields["wait"] = 0
    if body.get("outcome") == "restored":
        fields |= {"outcome": "failed", "reason": "It is a backup", "retryable": True}
    return fields
