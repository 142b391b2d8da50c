// Runs the steps of a file through the official TypeScript client; the first step that goes wrong ends it.
//
// usage: steps.mjs URL KEY STEPS.json
//
// A step is an object with one of `tools`, `call`, `read`, `subscribe`, `prompt`, `complete`, `cancel`; see clients.rs.
import { readFileSync } from 'node:fs'

import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'

const [url, key, file] = process.argv.slice(2)
const steps = JSON.parse(readFileSync(file, 'utf8'))
const seen = []

const client = new Client(
  { name: 'suites', version: '1' },
  { capabilities: { sampling: {}, elicitation: { form: {} }, roots: { listChanged: true } } },
)
client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) => ({
  role: 'assistant',
  model: 'suites-model',
  content: { type: 'text', text: `sampled here: ${params.messages[0].content.text}` },
}))
client.setRequestHandler(ElicitRequestSchema, async () => ({
  action: 'accept',
  content: { name: 'Suites Tester', check: true, integer: 7 },
}))
client.setRequestHandler(ListRootsRequestSchema, async () => ({
  roots: [{ uri: 'file:///suites/root', name: 'suites' }],
}))
client.fallbackNotificationHandler = async (notification) => {
  seen.push(JSON.stringify(notification))
}

function insist(text, wanted = []) {
  for (const part of [wanted].flat()) {
    if (!text.includes(part)) throw new Error(`${JSON.stringify(part)} is not in ${text.slice(0, 2000)}`)
  }
}

const run = {
  async tools(step) {
    const names = []
    let cursor
    do {
      const page = await client.listTools(cursor ? { cursor } : undefined)
      names.push(...page.tools.map((tool) => tool.name))
      cursor = page.nextCursor
    } while (cursor)
    const missing = step.tools.filter((name) => !names.includes(name))
    if (missing.length) throw new Error(`${missing} are missing in ${names}`)
  },

  async call(step) {
    const progress = []
    const options = { timeout: 60_000 }
    if ('progress' in step) options.onprogress = ({ progress: done }) => progress.push(done)
    const result = await client.callTool({ name: step.call, arguments: step.arguments ?? {} }, undefined, options)
    const text = JSON.stringify(result.content)
    if (Boolean(result.isError) !== Boolean(step.is_error)) throw new Error(text)
    insist(text, step.contains)
    for (const key of step.structured ?? []) {
      if (!(key in (result.structuredContent ?? {}))) throw new Error(JSON.stringify(result))
    }
    if ('progress' in step && progress.length < step.progress) throw new Error(`progress: ${progress}`)
    await waitForNotification(step)
  },

  async read(step) {
    const result = await client.readResource({ uri: step.read })
    insist(JSON.stringify(result.contents), step.contains)
  },

  async subscribe(step) {
    await client.subscribeResource({ uri: step.subscribe })
  },

  async prompt(step) {
    const names = (await client.listPrompts()).prompts.map((prompt) => prompt.name)
    if (!names.includes(step.prompt)) throw new Error(`no ${step.prompt} in ${names}`)
    const result = await client.getPrompt({ name: step.prompt, arguments: step.arguments ?? {} })
    insist(JSON.stringify(result.messages), step.contains)
  },

  async complete(step) {
    const [name, value] = Object.values(step.argument)
    const result = await client.complete({ ref: { type: 'ref/prompt', name: step.complete }, argument: { name, value } })
    insist(JSON.stringify(result.completion.values), step.contains)
  },

  async level(step) {
    await client.setLoggingLevel(step.level)
  },

  // A call that is given up here must not disturb the next one.
  async cancel(step) {
    const call = client.callTool({ name: step.cancel, arguments: step.arguments ?? {} }, undefined, { timeout: 500 })
    const outcome = await call.then(() => 'answered', () => 'given up')
    if (outcome !== 'given up') throw new Error('the call was not given up')
  },
}

async function waitForNotification(step) {
  const end = Date.now() + 60_000
  while (step.notification && !seen.some((message) => message.includes(step.notification))) {
    if (Date.now() > end) throw new Error(`no ${step.notification} came`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const transport = new StreamableHTTPClientTransport(new URL(url), {
  requestInit: { headers: { Authorization: `Bearer ${key}` } },
})
await client.connect(transport)
const hello = client.getServerVersion()
console.log(`${hello.name} ${hello.version}, protocol ${transport.protocolVersion}`)
for (const [index, step] of steps.entries()) {
  const kind = Object.keys(step)[0]
  try {
    await run[kind](step)
    console.log(`step ${index + 1} ${kind} ${step[kind]}: fine`)
  } catch (error) {
    console.log(`step ${index + 1} ${JSON.stringify(step)}: ${error}`)
    console.log(`notifications so far: ${seen.slice(-10)}`)
    process.exit(1)
  }
}
await transport.terminateSession()
await client.close()
