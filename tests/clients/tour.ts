// The README's tour by a TypeScript client whose types were generated from the schema:
// node tour.js ADDRESS AUTHOR APPROVER SENDER. The three are tokens. Run by test_clients.py.
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

const [address, author, approver, sender] = process.argv.slice(2) as [string, string, string, string];
const digest = "sha256:" + "d".repeat(64);
const of = (token: string) =>
  createClient<paths>({ baseUrl: address, headers: { Authorization: `Bearer ${token}` } });
const [asking, approving, measuring] = [of(author), of(approver), of(sender)];

function that(holds: boolean, words: unknown): asserts holds {
  if (!holds) throw new Error(JSON.stringify(words));
}

async function authorised(): Promise<string> {
  const body = {
    service: "checkout",
    summary: "Deploy by a generated client",
    artifact: { digest, version: "4" },
    pipeline: { run_id: 78, attempt: null, url: "http://jenkins:8080/job/78/" },
  };
  const asked = await asking.POST("/api/v1/gate-evaluations/", {
    body,
    params: { header: { "Idempotency-Key": "tour-of-types" } },
  });
  that(asked.data !== undefined, asked.error);
  const until: string | null = asked.data.expires_at;
  that(!asked.data.allowed && until === null, asked.data);
  that(asked.data.reasons[0]?.sentence !== "", asked.data);
  const number = asked.data.change.number;
  const approved = await approving.POST("/api/v1/changes/{number}/approvals/", {
    params: { path: { number } },
    body: { decision: "approve" },
  });
  that(approved.data !== undefined, approved.error);
  const answer = await asking.GET("/api/v1/gate-evaluations/{id}/", { params: { path: { id: asked.data.id } } });
  that(answer.data?.allowed === true, answer.error ?? answer.data);
  return number;
}

async function deployed(number: string): Promise<void> {
  const started = await asking.POST("/api/v1/changes/{number}/deployments/", {
    params: { path: { number } },
    body: { artifact: { digest } },
  });
  that(started.data !== undefined && started.data.finished_at === null, started.error ?? started.data);
  const finished = await asking.PATCH("/api/v1/changes/{number}/deployments/{n}/", {
    params: { path: { number, n: String(started.data.number) } },
    body: { status: "succeeded" },
  });
  that(typeof finished.data?.finished_at === "string", finished.error ?? finished.data);
}

async function measured(): Promise<void> {
  const now = new Date(Date.now() - 3 * 60_000);
  now.setUTCSeconds(0, 0);
  const sent = await measuring.POST("/api/v1/slis/{slug}/samples/", {
    params: { path: { slug: "checkout-requests" } },
    body: { samples: [{ minute: now.toISOString(), good: 9, total: 10 }] },
  });
  that(sent.data?.accepted === 1, sent.error ?? sent.data);
  const slug = "checkout-answers";
  const budget = await measuring.GET("/api/v1/slos/{slug}/budget/", { params: { path: { slug } } });
  that(budget.data !== undefined && Number(budget.data.remaining) <= 1, budget.error ?? budget.data);
  const forecast = await measuring.GET("/api/v1/slos/{slug}/forecast/", {
    params: { path: { slug }, query: { outage_minutes: 5 } },
  });
  that((forecast.data?.formulas.length ?? 0) > 0, forecast.error ?? forecast.data);
}

async function refused(): Promise<void> {
  const wrong = await asking.POST("/api/v1/gate-evaluations/", { body: { service: "chekout", summary: "Deploy" } });
  that(wrong.error?.type === "/problems/invalid-input", wrong.error);
  const nobody = await of("hr_nothing").GET("/api/v1/services/");
  that(nobody.error?.type === "/problems/token-unknown", nobody.error);
}

const probe = await asking.GET("/api/v1/services/{slug}/gate/", { params: { path: { slug: "ledger" } } });
that((probe.data?.reasons.length ?? 0) > 0, probe.error ?? probe.data);
await deployed(await authorised());
await measured();
await refused();
