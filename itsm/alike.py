"""What a name is read as, kept beside it, so that the database knows two of one name."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db import IntegrityError, models, transaction

from itsm.kernel.texts import read_alike


class ReadAlike(models.TextField):  # type: ignore[type-arg]  # generic in the stubs alone
    """What another text field of the record, `of`, is read as: made anew whenever that is stored, by whoever stores the
    record. `update()` of a queryset stores no record: no operation changes a name by it."""

    def __init__(self, *args: Any, of: str, **options: Any) -> None:
        self.of = of
        super().__init__(*args, **{**options, "blank": True, "editable": False})

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        del options["blank"], options["editable"]
        return name, path, args, {**options, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = read_alike(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, key)
        return key


@contextmanager
def told_apart(taken: Callable[[], Exception]) -> Iterator[None]:
    """A transaction around what stores a name. Raises what `taken` makes where another was quicker and the database
    refuses the `name_key`, or the name; what else it refuses stays an IntegrityError."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "name_key" not in str(error):
            raise
        raise taken() from error


def with_keys(kind: type[models.Model], names: Iterable[str]) -> list[str]:
    """These names of fields, and of those in which is kept what they are read as. Raises nothing."""
    found, keys = [*names], _keys(kind)
    return [*found, *(key for of, key in keys if of in found)]


@cache
def _keys(kind: type[models.Model]) -> tuple[tuple[str, str], ...]:
    return tuple((field.of, field.name) for field in kind._meta.concrete_fields if isinstance(field, ReadAlike))
