"""Runs a Python client's tasks: one JSON object per line in, one per line out. The client is the argument."""

import json
import sys

with open(sys.argv[2]) as file:
    SAID = json.load(file)
QUESTION, TOOL, PICTURE = SAID["question"], SAID["tool"], SAID["picture"]
WORDS = [{"role": "user", "content": QUESTION}]
OPENAI_TOOL = {"type": "function", "function": TOOL}
OPENAI_PICTURE = [
    {"type": "text", "text": QUESTION},
    {"type": "image_url", "image_url": {"url": "data:image/png;base64," + PICTURE}},
]


def run_openai(task, asked):
    from openai import OpenAI

    client = OpenAI(api_key=asked["token"], base_url=asked["url"] + "/v1", max_retries=asked["maxRetries"])
    create = lambda **more: client.chat.completions.create(**{"model": asked["model"], "messages": WORDS, **more})
    if task == "stream":
        return parts(chunk.choices[0].delta.content for chunk in create(stream=True) if chunk.choices)
    if task == "tool":
        choice = {"type": "function", "function": {"name": TOOL["name"]}}
        answer = create(tools=[OPENAI_TOOL], tool_choice=choice)
        return {"tool": answer.choices[0].message.tool_calls[0].function.name}
    more = {"messages": [{"role": "user", "content": OPENAI_PICTURE}]} if task == "image" else {}
    return {"text": create(**more).choices[0].message.content}


def run_anthropic(task, asked):
    from anthropic import Anthropic

    client = Anthropic(api_key=asked["token"], base_url=asked["url"], max_retries=asked["maxRetries"])
    question = {"model": asked["model"], "max_tokens": 300, "messages": WORDS}
    if task == "stream":
        with client.messages.stream(**question) as stream:
            return parts(stream.text_stream)
    if task == "tool":
        tool = {"name": TOOL["name"], "description": TOOL["description"], "input_schema": TOOL["parameters"]}
        answer = client.messages.create(**question, tools=[tool], tool_choice={"type": "tool", "name": TOOL["name"]})
        return {"tool": next(block.name for block in answer.content if block.type == "tool_use")}
    if task == "image":
        source = {"type": "base64", "media_type": "image/png", "data": PICTURE}
        content = [{"type": "text", "text": QUESTION}, {"type": "image", "source": source}]
        question["messages"] = [{"role": "user", "content": content}]
    answer = client.messages.create(**question)
    return {"text": "".join(block.text for block in answer.content if block.type == "text")}


def run_langchain(task, asked):
    from langchain_core.messages import HumanMessage
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(
        model=asked["model"],
        api_key=asked["token"],
        base_url=asked["url"] + "/v1",
        max_retries=asked["maxRetries"],
    )
    if task == "stream":
        return parts(chunk.content for chunk in model.stream(QUESTION))
    if task == "tool":
        answer = model.bind_tools([OPENAI_TOOL], tool_choice=TOOL["name"]).invoke(QUESTION)
        return {"tool": answer.tool_calls[0]["name"]}
    said = [HumanMessage(content=OPENAI_PICTURE)] if task == "image" else QUESTION
    return {"text": model.invoke(said).content}


def parts(texts):
    texts = [text for text in texts if text]
    return {"text": "".join(texts), "parts": len(texts)}


CLIENTS = {"openai": run_openai, "anthropic": run_anthropic, "langchain": run_langchain}
run = CLIENTS[sys.argv[1]]

for line in sys.stdin:
    job = json.loads(line)
    try:
        outcome = run(job["task"], job["asked"])
    except Exception as error:
        outcome = {"error": {"status": getattr(error, "status_code", None), "name": type(error).__name__}}
        if outcome["error"]["status"] is None:
            print(repr(error), file=sys.stderr)
    print(json.dumps(outcome), flush=True)
