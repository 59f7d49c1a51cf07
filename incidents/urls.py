"""Pages of what incidents are placed by, at the root: see incident/views/placing.py."""

from django.urls import path

from incidents.incident.views import placing

app_name = "placing"
urlpatterns = [
    path("categories/", placing.categories, name="categories"),
    path("categories/<int:pk>/", placing.category, name="category"),
    path("categories/<int:pk>/keep/", placing.keep_category, name="keep_category"),
    path("matrix/", placing.matrix, name="matrix"),
]
