"""What schemathesis is told beside the schema: a file of several YAML documents is read as the text that it is."""

from typing import Any

import schemathesis


@schemathesis.deserializer("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/vnd.yaml")
def text_of_documents(context: Any, response: Any) -> str:
    return str(response.content.decode())
