"""Which lines of a text are its writer's own, and which were quoted or are a signature. By lines, in one pass each.

Ours, since libraries for it go back over the text (`mail-parser-reply` takes ten seconds for 15 KB of "On On") or cut
what they should keep. Nothing is deleted: quotations are folded. Answers below and between marked quotations stay.
"""

import re
from collections.abc import Sequence

from itsm.mail.parsing.parsed import Block, Part

LONGEST_ATTRIBUTION = 3  # lines
_LONGEST_LINE = 400  # no attribution is longer
_SIGNATURE_LINES = 20
_HEADERS_WITHIN = 6

# What an attribution begins with, and the verb before its colon, in the languages of common mail programs.
_LEADS = {
    "on", "am", "le", "el", "il", "op", "em", "den", "dnia", "w", "dne", "pada", "tarihinde", "på", "vào", "a",
    "în", "кому", "пн,", "вт,", "ср,", "чт,", "пт,", "сб,", "вс,", "在", "mon,", "tue,", "wed,", "thu,", "fri,",
    "sat,", "sun,",
}  # fmt: skip
_VERBS = (
    "wrote", "writes", "schrieb", "écrit", "escribió", "scritto", "schreef", "escreveu", "skrev", "napisał",
    "napisał(a)", "napsal", "napsal(a)", "kirjoitti", "yazdı", "пишет", "написал", "написал(а)", "写道",
    "さんは書きました", "menulis", "írta",
)  # fmt: skip
_VERB = re.compile("|".join(re.escape(verb) for verb in sorted(_VERBS, key=len, reverse=True)))
_DATED = re.compile(r"\d{1,2}[:.]\d{2}|\d{4}|\d{1,2}[/.-]\d{1,2}")
_FROM = re.compile(r"^[\s*_]*(?:from|von|de|da|van|från|fra|od|от)[\s*_]*:", re.IGNORECASE)
_OTHERS = re.compile(
    r"^[\s*_]*(sent|date|gesendet|datum|envoyé|enviado|fecha|inviato|data|verzonden|skickat|wysłano|дата"
    r"|to|an|à|para|a|aan|till|til|do|кому|subject|betreff|objet|asunto|oggetto|assunto|onderwerp|ämne|emne|temat|тема"
    r"|cc|kopie|reply-to|importance|priority)[\s*_]*:",
    re.IGNORECASE,
)
_MARKER = re.compile(
    r"^[\s>]*(?:-{2,}\s*(?:original message|original appointment|forwarded message|forwarded by .{1,80}"
    r"|ursprüngliche nachricht|weitergeleitete nachricht|message d'origine|message transféré|mensaje original"
    r"|mensaje reenviado|messaggio originale"
    r"|oorspronkelijk bericht|mensagem original)\s*-{2,}|begin forwarded message:)\s*$",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s*[_-]{5,}\s*$")
_FOOTER = re.compile(r"^_{20,}\s*$")
_SENT_FROM = re.compile(
    r"^\s*(?:sent from|sent via|get outlook for|von meinem|gesendet von|envoyé de|enviado desde|inviato da"
    r"|verstuurd vanaf)\b[^,.!?]{0,60}$",
    re.IGNORECASE,
)


def split(text: str) -> list[Block]:
    """The text in pieces, in its order: own words, quotations, signatures. Blank pieces are left out."""
    lines = text.split("\n")
    parts = [Part.QUOTED if _is_marked(line) else Part.OWN for line in lines]
    _find_quotations(lines, parts)
    _find_signatures(lines, parts)
    return _pieces(lines, parts)


def own_words(blocks: Sequence[Block]) -> str:
    """What the writer said. Where that is nothing: all that is not quoted, else all, since somebody meant something."""
    for wanted in ({Part.OWN}, {Part.OWN, Part.SIGNATURE}, set(Part)):
        said = "\n\n".join(block.text for block in blocks if block.part in wanted).strip()
        if said:
            return said
    return ""


def _is_marked(line: str) -> bool:
    return line.lstrip(" ").startswith(">")


def _find_quotations(lines: list[str], parts: list[Part]) -> None:
    """Attributions and blocks of headers; what follows them unmarked is quoted to the end."""
    number = 0
    while number < len(lines):
        length = _introduces(lines, parts, number)
        if not length:
            number += 1
            continue
        after = _next_said(lines, number + length)
        is_marked = after is not None and _is_marked(lines[after])
        ends = number + length if is_marked or after is None else len(lines)
        begins = _with_rule_before(lines, number)
        parts[begins:ends] = [Part.QUOTED] * (ends - begins)
        number = ends


def _introduces(lines: list[str], parts: list[Part], number: int) -> int:
    """How many lines from here on announce a quotation; 0 for none."""
    if parts[number] is Part.QUOTED or len(lines[number]) > _LONGEST_LINE:
        return 0
    if _MARKER.match(lines[number]):
        return 1
    return _headers(lines, number) or _attribution(lines, parts, number)


def _headers(lines: list[str], number: int) -> int:
    """From, and two of Sent, To, Subject and the like in the lines that follow."""
    if not _FROM.match(lines[number]):
        return 0
    others = {
        found[1].lower()
        for line in lines[number + 1 : number + _HEADERS_WITHIN]
        if (found := _OTHERS.match(line[:_LONGEST_LINE]))
    }
    if len(others) < 2:
        return 0
    last = number + 1
    while last < len(lines) and lines[last].strip():
        last += 1
    return last - number


def _attribution(lines: list[str], parts: list[Part], number: int) -> int:
    """ "On 3 May, Eve <eve@x.org>" "wrote:", over at most three lines of which the first one leads in."""
    first = lines[number].strip()
    if not first or not (first.split(None, 1)[0].lower() in _LEADS or "@" in first or _DATED.match(first)):
        return 0
    joined = ""
    for count, line in enumerate(lines[number : number + LONGEST_ATTRIBUTION], 1):
        if not line.strip() or len(line) > _LONGEST_LINE or parts[number + count - 1] is Part.QUOTED:
            return 0
        joined = f"{joined} {line.strip()}"
        if joined.endswith((":", "：")):
            return count if _attributes(joined) else 0
    return 0


def _attributes(joined: str) -> bool:
    if "@" not in joined and not _DATED.search(joined):
        return False
    return bool(_VERB.search(joined.lower())) or (joined.endswith(">:") and bool(_DATED.search(joined)))


def _next_said(lines: list[str], number: int) -> int | None:
    return next((at for at in range(number, len(lines)) if lines[at].strip()), None)


def _with_rule_before(lines: list[str], number: int) -> int:
    """A line across, or a marker, that stands above belongs to it."""
    above = number - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and (_RULE.match(lines[above]) or _MARKER.match(lines[above])) else number


def _find_signatures(lines: list[str], parts: list[Part]) -> None:
    for begins, ends in _stretches(parts):
        said = [at for at in range(begins, ends) if lines[at].strip()]
        cut = next((at for at in said if _begins_signature(lines, at, ends)), None)
        if cut is None and said and _SENT_FROM.match(lines[said[-1]][:_LONGEST_LINE]):
            cut = said[-1]
        if cut is not None:
            parts[cut:ends] = [Part.SIGNATURE] * (ends - cut)


def _begins_signature(lines: list[str], at: int, ends: int) -> bool:
    is_delimiter = lines[at].rstrip(" \t") == "--" or bool(_FOOTER.match(lines[at][:_LONGEST_LINE]))
    return is_delimiter and ends - at <= _SIGNATURE_LINES


def _stretches(parts: list[Part]) -> list[tuple[int, int]]:
    """Where own lines stand together."""
    found: list[tuple[int, int]] = []
    begins: int | None = None
    for at, part in enumerate([*parts, Part.QUOTED]):
        if part is Part.OWN and begins is None:
            begins = at
        elif part is not Part.OWN and begins is not None:
            found.append((begins, at))
            begins = None
    return found


def _pieces(lines: list[str], parts: list[Part]) -> list[Block]:
    blocks: list[Block] = []
    begins = 0
    for at in range(1, len(lines) + 1):
        if at < len(lines) and parts[at] is parts[begins]:
            continue
        said = _tidy(lines[begins:at])
        if said and blocks and blocks[-1].part == parts[begins]:  # nothing but blank lines between
            blocks[-1] = Block(parts[begins], f"{blocks[-1].text}\n\n{said}")
        elif said:
            blocks.append(Block(parts[begins], said))
        begins = at
    return blocks


def _tidy(lines: list[str]) -> str:
    """Without blanks around it, and never more than two blank lines together."""
    kept: list[str] = []
    blank = 0
    for line in lines:
        blank = 0 if line.strip() else blank + 1
        if blank <= 2:
            kept.append(line.rstrip())
    return "\n".join(kept).strip("\n")
