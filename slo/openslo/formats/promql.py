"""What is needed of PromQL to take over other tools' queries: strings, brackets and plain selectors.

A query of ours gives the events of one minute. Where a rewrite is not certain to keep a ratio, the query
stays as it was.
"""

import re

_WINDOW = re.compile(r"\{\{-?\s*\.window\s*-?\}\}")
_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`", re.DOTALL)
_SELECTOR = re.compile(
    r"\s*(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)?\s*(?P<matchers>\{[^{}]*\})?\s*(?P<offset>offset\s+-?[0-9a-z]+)?\s*\Z",
    re.ASCII,
)
_RATE = re.compile(r"\brate(?=\s*\()", re.IGNORECASE)
# What gives events per second; a recorded series says it in its name, as job:requests:rate5m does.
_PER_SECOND = re.compile(r"\b(rate|irate|deriv)\s*\(|:i?rate[0-9]", re.IGNORECASE)
# Where sixty times the input is not sixty times the output. Comparisons with zero are not among them.
_UNSCALABLE = re.compile(
    r"\b(clamp\w*|bool|sgn|sqrt|exp|ln|log2|log10|round|floor|ceil|stdvar)\b|[<>]|[=!]=", re.IGNORECASE
)
_WITH_ZERO = re.compile(r"([<>]=?|[=!]=)(?!\s*bool)\s*0+(\.0*)?(?![\w.:])")
# A quotient is a share, whatever it is a share of; dividing by a number is scaling.
_SHARE = re.compile(r"[%^]|/(?!\s*[0-9.]+(?![\w.:]))")
_PRETENDED = re.compile(
    r"\bor\s+(?:on\s*\(\s*\)\s*)?vector\s*\(\s*(?P<number>[0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?)\s*\)", re.IGNORECASE
)
_COUNTING = re.compile(r"\b(increase|delta|changes|resets|count|vector|\w+_over_time)\s*\(", re.IGNORECASE)
_OPEN_SUBQUERY = re.compile(r"\[[^\]:]*:\s*\]")
SECONDS = 60


def minute_window(query: str) -> str:
    """`{{.window}}` becomes one minute."""
    return _WINDOW.sub("1m", query).strip()


def without_strings(query: str) -> str:
    """The query with every string blanked, of the same length."""
    return _STRING.sub(lambda found: '"' + " " * (len(found[0]) - 2) + '"', query)


def as_counts(*queries: str) -> tuple[str, ...] | None:
    """The queries as events per minute, all by the same rule; None where that is not certain.

    What gives no rates is taken as it is. `rate(x[1m])` becomes `increase(x[1m])`, which comparisons with zero
    do not mind; where the query minds, the whole of it is taken sixty times instead, which keeps every ratio.
    """
    rates = [gives_rates(query) for query in queries]
    known = [rate or _COUNTING.search(_outside(query)) for query, rate in zip(queries, rates, strict=True)]
    if any(rates) and not all(known):
        return None  # one query per second beside one of another unit
    counted = [_as_count(query) for query in queries]
    whole = tuple(query for query in counted if query is not None)
    return whole if len(whole) == len(queries) else None


def _as_count(query: str) -> str | None:
    if not gives_rates(query):
        return query
    if _SHARE.search(_outside(query)):
        return None
    changed = _rates_as_increases(query)
    left = _outside(changed)
    if not gives_rates(changed) and not _UNSCALABLE.search(_WITH_ZERO.sub("", left)):
        return changed
    return f"({query}) * {SECONDS}"


def gives_rates(query: str) -> bool:
    """Whether it gives events per second rather than events."""
    return bool(_PER_SECOND.search(_outside(query)))


def without_pretended(query: str) -> str:
    """`or vector(1)`, which pretends an event so that nothing is divided by zero, as `or vector(0)`."""
    blank = without_strings(query)
    for found in reversed(list(_PRETENDED.finditer(blank))):
        if float(found["number"]) != 0:
            query = query[: found.start("number")] + "0" + query[found.end("number") :]
    return query


def has_open_subquery(query: str) -> bool:
    """Whether it has a subquery without a resolution: how often it counts is then the server's to say."""
    return bool(_OPEN_SUBQUERY.search(_outside(query)))


def _outside(query: str) -> str:
    """The query without strings and matchers."""
    return re.sub(r"\{[^{}]*\}", "{}", without_strings(query))


def _rates_as_increases(query: str) -> str:
    """Only where the argument is a plain selector over the one minute."""
    blank = without_strings(query)
    pieces, done = [], 0
    for found in _RATE.finditer(blank):
        opening = blank.index("(", found.end())
        closing = blank.find(")", opening)
        argument = blank[opening + 1 : closing].rstrip() if closing > 0 else ""
        if argument.endswith("[1m]") and _SELECTOR.match(argument.removesuffix("[1m]")):
            pieces += [query[done : found.start()], "increase"]
            done = found.end()
    return "".join([*pieces, query[done:]])


def is_selector(metric: str) -> bool:
    found = _SELECTOR.match(without_strings(metric))
    return bool(found and (found["name"] or found["matchers"]))


def with_matchers(selector: str, more: str) -> str:
    """The selector with more matchers. ValueError where it is none (`is_selector`)."""
    blank = without_strings(selector)
    found = _SELECTOR.match(blank)
    if found is None:
        raise ValueError(selector)
    start, end = found.span("matchers")
    name, offset = found["name"] or "", found["offset"]
    inner = selector[start + 1 : end - 1].strip().rstrip(",").rstrip() if start >= 0 else ""
    matchers = ", ".join(part for part in (inner, more) if part)
    return (f"{name}{{{matchers}}}" if matchers else name) + (f" {offset}" if offset else "")


def over_a_minute(function: str, selector: str, matchers: str = "") -> str:
    """sum(function(selector[1m])), with more matchers. ValueError where the selector is none."""
    return f"sum({function}({with_range(with_matchers(selector, matchers), '1m')}))"


def with_range(selector: str, window: str) -> str:
    """The selector over a window, before its offset. ValueError where it is none."""
    found = _SELECTOR.match(without_strings(selector))
    if found is None:
        raise ValueError(selector)
    place = found.start("offset") if found["offset"] else len(selector)
    offset = f" {found['offset']}" if found["offset"] else ""
    return f"{selector[:place].rstrip()}[{window}]{offset}"
