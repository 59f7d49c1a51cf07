"""Cursor paging: the same cost on every page, no row twice, no row missed."""

from rest_framework.pagination import CursorPagination


class Cursor(CursorPagination):
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = "-id"  # unique, so the cursor has a firm place to stand
