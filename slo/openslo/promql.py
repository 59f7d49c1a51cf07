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
_RATE = re.compile(r"\brate(?=\s*\()")
# Per-second functions, comparisons with a number, quotients: scaling by sixty would change their meaning.
_UNSCALABLE = re.compile(r"\b(irate|deriv|idelta|clamp\w*|min|max|quantile\w*|topk|bottomk|rate|bool)\b|[<>/^%]|[=!]=")


def minute_window(query: str) -> str:
    """`{{.window}}` becomes one minute."""
    return _WINDOW.sub("1m", query).strip()


def without_strings(query: str) -> str:
    """The query with every string blanked, of the same length."""
    return _STRING.sub(lambda found: '"' + " " * (len(found[0]) - 2) + '"', query)


def as_counts(*queries: str) -> tuple[str, ...] | None:
    """The queries with rate(x[1m]) as increase(x[1m]); None where that is not certain to keep their ratio.

    All or none: one query per second beside one per minute would be wrong by a factor of sixty.
    """
    changed = tuple(_rates_as_increases(query) for query in queries)
    return None if any(_UNSCALABLE.search(_outside(query)) for query in changed) else changed


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


def over_a_minute(function: str, selector: str, matcher: str = "") -> str:
    """sum(function(selector[1m])), with one more matcher. `selector` has to be one (`is_selector`)."""
    blank = without_strings(selector)
    found = _SELECTOR.match(blank)
    if found is None:
        raise ValueError(selector)
    start, end = found.span("matchers")
    name, offset = found["name"] or "", found["offset"]
    inner = selector[start + 1 : end - 1].strip().rstrip(",").rstrip() if start >= 0 else ""
    matchers = ", ".join(part for part in (inner, matcher) if part)
    whole = f"{name}{{{matchers}}}" if matchers else name
    return f"sum({function}({whole}[1m]{' ' + offset if offset else ''}))"
