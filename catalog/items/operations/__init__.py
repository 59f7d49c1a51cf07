"""Every write to catalog items."""

from catalog.items.operations.following import hand_over, items_follow, words_follow, words_of_person
from catalog.items.operations.pictures import set_picture
from catalog.items.operations.steps import discard, propose, publish, retire, return_to_writers, revise
from catalog.items.operations.uploads import (
    forget_unused,
    forget_uploads_of,
    leave_nothing,
    take_back,
    upload,
    use_uploads,
)
from catalog.items.operations.writing import create_item, edit_item

__all__ = [
    "create_item",
    "discard",
    "edit_item",
    "forget_unused",
    "forget_uploads_of",
    "hand_over",
    "items_follow",
    "leave_nothing",
    "propose",
    "publish",
    "retire",
    "return_to_writers",
    "revise",
    "set_picture",
    "take_back",
    "upload",
    "use_uploads",
    "words_follow",
    "words_of_person",
]
