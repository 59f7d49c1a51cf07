"""No software agent stands where somebody decided: held by the database, whoever writes."""

from typing import Any

import pgtrigger

from itsm.audit.triggers import Guard


class NotByAnAgent(Guard):
    """None of these accounts (names of foreign keys) is one of a software agent."""

    when = pgtrigger.Before

    def __init__(self, *fields: str) -> None:
        self.columns = [f"{one}_id" for one in fields]
        super().__init__(name="not_by_an_agent", operation=pgtrigger.Insert | pgtrigger.UpdateOf(*self.columns))

    def get_func(self, model: Any) -> str:
        named = ", ".join(f"NEW.{one}" for one in self.columns)
        return "\n".join(
            (
                f"IF EXISTS (SELECT FROM accounts_user WHERE id IN ({named}) AND account_type = 'agent') THEN",
                "  RAISE EXCEPTION 'a software agent decides nothing' USING ERRCODE = 'check_violation';",
                "END IF;",
                "RETURN NEW;",
            )
        )
