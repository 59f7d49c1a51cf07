"""Where articles are, over REST."""

from catalog.knowledge.api.pictures import ArticlePictureViewSet
from catalog.knowledge.api.viewsets import ArticleViewSet
from itsm.api.routing import Router


def register(router: Router) -> None:
    router.register("articles", ArticleViewSet, basename="article")
    router.register(
        rf"articles/(?P<number>{ArticleViewSet.lookup_value_regex})/pictures",
        ArticlePictureViewSet,
        basename="article-picture",
    )
