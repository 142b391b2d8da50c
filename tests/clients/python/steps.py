"""Runs the steps of a file through the official Python client; the first step that goes wrong ends it.

usage: steps.py URL KEY STEPS.json

A step is an object with one of `tools`, `call`, `read`, `subscribe`, `prompt`, `complete`, `cancel`; see clients.rs.
"""

import asyncio
import json
import os
import sys
from datetime import timedelta

from mcp import ClientSession, McpError, types
from mcp.client.streamable_http import streamablehttp_client


async def sampling(context, params):
    asked = params.messages[0].content.text
    content = types.TextContent(type="text", text=f"sampled here: {asked}")
    return types.CreateMessageResult(role="assistant", content=content, model="suites-model")


async def elicitation(context, params):
    return types.ElicitResult(action="accept", content={"name": "Suites Tester", "check": True, "integer": 7})


async def roots(context):
    return types.ListRootsResult(roots=[types.Root(uri="file:///suites/root", name="suites")])


def text_of(content):
    """All that a model would read, as one text."""
    return json.dumps([part.model_dump(mode="json", exclude_none=True) for part in content], ensure_ascii=False)


def insist(text, wanted):
    for part in [wanted] if isinstance(wanted, str) else wanted:
        if part not in text:
            raise AssertionError(f"{part!r} is not in {text[:2000]}")


class Steps:
    def __init__(self, session, seen):
        self.session = session
        self.seen = seen

    async def tools(self, step):
        names, cursor = [], None
        while True:
            page = await self.session.list_tools(cursor)
            names += [tool.name for tool in page.tools]
            cursor = page.nextCursor
            if not cursor:
                break
        missing = [name for name in step["tools"] if name not in names]
        assert not missing, f"{missing} are missing in {names}"

    async def call(self, step):
        progress = []

        async def on_progress(done, total, message):
            progress.append((done, total))

        result = await self.session.call_tool(
            step["call"], step.get("arguments", {}), read_timeout_seconds=timedelta(seconds=60),
            progress_callback=on_progress if "progress" in step else None,
        )
        assert bool(result.isError) == step.get("is_error", False), text_of(result.content)
        insist(text_of(result.content), step.get("contains", []))
        if "structured" in step:
            assert all(key in (result.structuredContent or {}) for key in step["structured"]), result
        if "progress" in step:
            assert len(progress) >= step["progress"], f"progress: {progress}"
            assert progress == sorted(progress), f"progress goes back: {progress}"
        await self.wait_for_notification(step)

    async def read(self, step):
        result = await self.session.read_resource(step["read"])
        insist(text_of(result.contents), step.get("contains", []))

    async def subscribe(self, step):
        await self.session.subscribe_resource(step["subscribe"])

    async def prompt(self, step):
        names = [prompt.name for prompt in (await self.session.list_prompts()).prompts]
        assert step["prompt"] in names, f"no {step['prompt']} in {names}"
        result = await self.session.get_prompt(step["prompt"], step.get("arguments", {}))
        insist(text_of([message.content for message in result.messages]), step.get("contains", []))

    async def complete(self, step):
        reference = types.PromptReference(type="ref/prompt", name=step["complete"])
        result = await self.session.complete(reference, step["argument"])
        insist(json.dumps(result.completion.values), step["contains"])

    async def level(self, step):
        await self.session.set_logging_level(step["level"])

    async def cancel(self, step):
        """A call that is given up here must not disturb the next one."""
        try:
            await self.session.call_tool(
                step["cancel"], step.get("arguments", {}), read_timeout_seconds=timedelta(seconds=0.5)
            )
            raise AssertionError("the call was not given up")
        except McpError:
            pass

    async def wait_for_notification(self, step):
        if "notification" not in step:
            return
        async with asyncio.timeout(60):
            while not any(step["notification"] in message for message in self.seen):
                await asyncio.sleep(0.05)


async def main(url, key, steps):
    seen = []

    async def message(message):
        if isinstance(message, types.ServerNotification):
            seen.append(message.root.model_dump_json(exclude_none=True))

    headers = {"Authorization": f"Bearer {key}"}
    async with streamablehttp_client(url, headers=headers) as (read, write, _):
        session = ClientSession(
            read, write, sampling_callback=sampling, elicitation_callback=elicitation, list_roots_callback=roots,
            message_handler=message,
        )
        async with session:
            hello = await session.initialize()
            print(f"{hello.serverInfo.name} {hello.serverInfo.version}, protocol {hello.protocolVersion}")
            runner = Steps(session, seen)
            for number, step in enumerate(steps, 1):
                kind = next(iter(step))
                try:
                    async with asyncio.timeout(90):
                        await getattr(runner, kind)(step)
                except Exception as error:
                    print(f"step {number} {json.dumps(step)}: {type(error).__name__}: {error}")
                    print(f"notifications so far: {seen[-10:]}")
                    sys.stdout.flush()
                    os._exit(1)
                print(f"step {number} {kind} {step[kind]}: fine")


with open(sys.argv[3], encoding="utf-8") as file:
    asyncio.run(main(sys.argv[1], sys.argv[2], json.load(file)))
