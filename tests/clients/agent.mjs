// The official TypeScript client at the agents' door, in the newest revision and by the handshake before it.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const [address, token, service, calls] = process.argv.slice(2);

for (const mode of ["auto", "legacy"]) {
  const transport = new StreamableHTTPClientTransport(new URL(`${address}/mcp`), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  const client = new Client({ name: "a-test", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(transport);
  const { tools } = await client.listTools();
  const found = await client.callTool({ name: "may_i_deploy", arguments: { service } });
  const wrong = await client.callTool({ name: "may_i_deploy", arguments: { service, more: "x" } });
  const all = {}; // each answer is held by the client against the shape that the tool says it has
  for (const [name, args] of mode === "auto" ? JSON.parse(calls) : []) {
    const answer = await client.callTool({ name, arguments: args });
    all[name] = [answer.isError ?? false, answer.structuredContent];
  }
  let unknown = "";
  try {
    await client.callTool({ name: "approve", arguments: {} });
  } catch (error) {
    unknown = String(error.code);
  }
  console.log(
    JSON.stringify({
      revision: client.getNegotiatedProtocolVersion?.() ?? transport.protocolVersion,
      tools: tools.map((tool) => tool.name),
      answer: found.structuredContent,
      isError: [found.isError ?? false, wrong.isError ?? false],
      unknown,
      all,
    }),
  );
  await client.close();
}
