#!/bin/sh
# Plain curl and jq: HEADROOM_TOKEN is a token of the desk, DIGEST comes from the build, RUN names this run
set -eu
HEADROOM_URL="@URL@"
api() { curl -fsS --retry 5 --retry-connrefused -H "Authorization: Bearer $HEADROOM_TOKEN" -H "Content-Type: application/json" "$@"; }
answer=$(api "$HEADROOM_URL/api/v1/gate-evaluations/" -H "Idempotency-Key: @SERVICE@-$RUN" -d '{
  "service": "@SERVICE@", "environment": "@ENVIRONMENT@", "change_class": "@CLASS@", "summary": "Deploy @SERVICE@",
  "artifact": {"digest": "'"$DIGEST"'"}}')
evaluation=$(echo "$answer" | jq -r .id)
while [ "$(echo "$answer" | jq -r .status)" = pending ]; do
  sleep "${PAUSE:-5}"
  answer=$(api "$HEADROOM_URL/api/v1/gate-evaluations/$evaluation/?wait=25")
done
change=$(echo "$answer" | jq -r .change.number)
echo "$change: $(echo "$answer" | jq -r .status)"
[ "$(echo "$answer" | jq -r .allowed)" = true ] || exit 1
deployment=$(api "$HEADROOM_URL/api/v1/changes/$change/deployments/" -H "Idempotency-Key: @SERVICE@-$RUN-start" -d '{
  "environment": "@ENVIRONMENT@", "artifact": {"digest": "'"$DIGEST"'"}}' | jq -r .number)
if ./deploy.sh "$DIGEST"; then ended=succeeded; else ended=failed; fi
api -X PATCH "$HEADROOM_URL/api/v1/changes/$change/deployments/$deployment/" -d '{"status": "'"$ended"'"}' > /dev/null
[ "$ended" = succeeded ]
