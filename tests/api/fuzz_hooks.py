"""What schemathesis is told beside the schema: a file of several YAML documents is read as the text that it is, a mail sent as its bytes."""

from typing import Any

import schemathesis


@schemathesis.deserializer("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/vnd.yaml")
def text_of_documents(context: Any, response: Any) -> str:
    return str(response.content.decode())


@schemathesis.serializer("message/rfc822")
def a_mail(context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
