// A server of a few lines: one tool that gives back what it got.
let rest = "";
process.stdin.on("data", (chunk) => {
  rest += chunk;
  for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
    const message = JSON.parse(rest.slice(0, end));
    rest = rest.slice(end + 1);
    if (message.id === undefined) continue;
    const results = {
      initialize: {
        protocolVersion: message.params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: "echo", version: "1" },
      },
      "tools/list": {
        tools: [
          {
            name: "echo",
            description: "Gives back what it got.",
            inputSchema: { type: "object", properties: { text: { type: "string" } } },
          },
        ],
      },
      "tools/call": { content: [{ type: "text", text: String(message.params?.arguments?.text) }] },
    };
    process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id: message.id, result: results[message.method] ?? {} })}\n`);
  }
});
