import pytest
from django.db import transaction
from tests.api.routes import routes
from tests.api.world import founded, bearer, token_of, SYSTEM, ROLES
from rest_framework.test import APIClient
pytestmark = pytest.mark.django_db
def test_x():
    w = founded()
    callers = {"anonymous": APIClient(), **{r: bearer(token_of(w.people[r])) for r in (*ROLES, "pipeline","author")}}
    for r in routes():
        out=[]
        for n,c in callers.items():
            with transaction.atomic():
                sid=transaction.savepoint()
                with transaction.atomic():
                    h={}
                    if r.method=="PATCH": h={"HTTP_IF_MATCH":'"1"'}
                    resp=getattr(c,r.method.lower())(w.path(r.name), *([w.body(r.name,r.method)] if r.writes else []), **({"format":"json"} if r.writes else {}), **h)
                out.append((n,resp.status_code))
                transaction.savepoint_rollback(sid)
        print(r, r.action, " ".join(f"{n}:{s}" for n,s in out))
