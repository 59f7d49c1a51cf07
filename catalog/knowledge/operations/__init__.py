"""Every write to articles."""

from catalog.knowledge.operations.counting import use_on, vote
from catalog.knowledge.operations.following import articles_follow, hand_over
from catalog.knowledge.operations.looking_again import EXPIRES, REVIEW_DUE, expire, remind
from catalog.knowledge.operations.pictures import add_picture, withdraw_picture
from catalog.knowledge.operations.steps import confirm, discard, propose, publish, retire, return_to_writers, revise
from catalog.knowledge.operations.writing import create_article, edit_article

__all__ = [
    "EXPIRES",
    "REVIEW_DUE",
    "add_picture",
    "articles_follow",
    "confirm",
    "create_article",
    "discard",
    "edit_article",
    "expire",
    "hand_over",
    "propose",
    "publish",
    "remind",
    "retire",
    "return_to_writers",
    "revise",
    "use_on",
    "vote",
    "withdraw_picture",
]
