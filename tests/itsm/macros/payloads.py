"""What is put into templates of other systems to make them run something. Here it is text."""

_INSIDES = (
    "7*7", "7*'7'", "config", "config.items()", "self", "self.__class__", "request", "request.application.__globals__",
    "''.__class__.__mro__[1].__subclasses__()", "cycler.__init__.__globals__.os.popen('id').read()",
    "lipsum.__globals__['os'].popen('id').read()", "settings.SECRET_KEY", "caller.password", "caller.name.__class__",
    "caller['name']", "caller.name.upper", "me.email()", "user.is_superuser", "_self.env",
    "[].pop.constructor('alert(1)')()", "constructor.constructor('alert(1)')()", "dump(app)", "app.request",
    "range.constructor('return process')()", "'a'.toUpperCase()", "#with 'x' as |s|}}", "g.pop.__globals__", "joiner.__init__",
    "now 'Y'", "csrf_token", "record", "record.", ".name", "CALLER.NAME", "caller..name", "__import__('os')",
)  # fmt: skip
_OTHERS = (
    "{% debug %}", "{% load log %}", "{% include '/etc/passwd' %}", "{% for x in [1,2] %}{% endfor %}", "{% import os %}",
    "{# comment #}", "<%= 7*7 %>", "<%= system('id') %>", "<% import os %>", "${7*7}", "${T(java.lang.Runtime)}", "$!{7*7}",
    "#{7*7}", "*{7*7}", "@(1+2)", "@{7*7}", "~{7*7}", "[[${7*7}]]", "[(7*7)]", "[#assign a=7]", "<#assign ex=1>${ex}", "%{7*7}",
    "{php}echo 1;{/php}", "{$smarty.version}", "{7*7}", "{{{7*7}}", "{caller.name}", "%(caller)s", "%s%s%n", "$(id)", "`id`",
    "{0.__class__}", "{caller.__class__}", "{!caller}", "#set($x=7*7)$x", "$x.class", "$class.inspect('x')", "{{=<% %>=}}<%x%>",
    "{% raw %}{% endraw %}", "{%- if 1 -%}", "${{7*7}}", "#{'x'.class}", "=cmd|'/C calc'!A0", "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", "javascript:alert(1)", "\u202e{{ caller.name", "{\u200b{ caller.name }}", "{ { caller.name } }",
    "{{caller.name", "caller.name}}", "}}{{", "{{", "}}", "{{}}", "{{ }}", "{{|x}}", "{{ | }}", "{{\n caller.name }}", "%7B%7Bcaller.name%7D%7D",
    "&#123;&#123; caller.name }}", "\\{\\{ caller.name \\}\\}",
)  # fmt: skip
PAYLOADS = [
    *(f"{{{{{inside}}}}}" for inside in _INSIDES),
    *(f"{{{{ {inside} }}}}" for inside in _INSIDES),
    *_OTHERS,
    *(f"a {one} b" for one in _OTHERS[:20]),
]
