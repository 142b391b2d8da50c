"""A small MCP server: one tool, a line on standard error, and an end when its input ends."""
import json
import os
import sys

calls = 0
print("ready to serve", file=sys.stderr, flush=True)
for line in sys.stdin:
    message = json.loads(line)
    method, number = message.get("method"), message.get("id")
    if number is None:
        continue
    if method == "initialize":
        result = {
            "protocolVersion": "2025-06-18",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "small", "version": os.environ.get("SMALL_VERSION", "1")},
        }
    elif method == "tools/list":
        tool = {"name": "whoami", "description": "Says where it runs.", "inputSchema": {"type": "object"}}
        result = {"tools": [tool]}
    elif method == "tools/call":
        calls += 1
        where = {"pid": os.getpid(), "calls": calls, "uid": os.getuid(), "container": not os.path.exists(os.path.join(os.path.dirname(__file__), "home")),
                 "token": os.environ.get("TOKEN", "")}
        result = {"content": [{"type": "text", "text": json.dumps(where)}]}
    else:
        result = {}
    print(json.dumps({"jsonrpc": "2.0", "id": number, "result": result}), flush=True)
