import time, cProfile, pstats, io, os
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.changes import *
import datetime as d
def test_q(pipeline, owner, as_actor, api, capsys):
    now=d.datetime.now(d.UTC)
    ss=[a_measured_service(at=now) for _ in range(50)]
    for s in ss: a_model(s, as_actor(owner), at=now)
    c=api(pipeline)
    def body(n,**k): return {"service":ss[n%50].slug,"environment":"production","change_class":"standard","purpose":"feature","summary":"Deploy","plan":"helm","backout":"helm rollback","artifact":{"digest":"sha256:"+str(n),"version":"1"},"commit":"abc","pipeline":{"provider":"github","repository":"r","workflow":"w","run_id":n,"attempt":1,"job":"j","url":"https://ci.example/1"},"proof":{"peer_review":True,"tests_passed":10,"tests_failed":0},**k}
    for i in range(50): r=c.post("/api/v1/gate-evaluations/",body(i),format="json"); assert r.status_code==201, r.content
    def go(a,b):
        for i in range(a,b): 
            r=c.post("/api/v1/gate-evaluations/",body(i),format="json"); assert r.status_code==201
    t=time.perf_counter(); p0=time.process_time(); go(100,200); t=time.perf_counter()-t; p=time.process_time()-p0
    pr=cProfile.Profile(); pr.enable(); go(200,300); pr.disable()
    with CaptureQueriesContext(connection) as q: go(300,301)
    with capsys.disabled():
        print("ms/ask", t*10, "cpu", p*10, "queries", len(q))
        f=io.StringIO(); pstats.Stats(pr,stream=f).sort_stats(os.environ.get("SORT","cumtime")).print_stats("work.main.(changes|itsm|slo|catalog)"); print(f.getvalue().replace("/work/main/.venv/lib/python3.11/site-packages/",""))
