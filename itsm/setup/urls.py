"""Pages: see views.py and steps."""

from django.urls import path

from itsm.setup import views
from itsm.setup.steps import agreement, asking, objective, people, service

app_name = "setup"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("administrator/<str:secret>/", views.administrator, name="administrator"),
    path("card/<slug:what>/", views.card, name="card"),
    path("people/", people.people, name="people"),
    path("service/", service.service, name="service"),
    path("service/<slug:slug>/take-back/", service.take_back_service, name="take_back_service"),
    path("objective/", objective.objective, name="objective"),
    path("objective/<slug:slug>/take-back/", objective.take_back_objective, name="take_back_objective"),
    path("token/", asking.token, name="token"),
    path("token/<slug:prefix>/take-back/", asking.take_back_token, name="take_back_token"),
    path("question/", asking.question, name="question"),
    path("question/<int:number>/take-back/", asking.take_back_question, name="take_back_question"),
    path("agreement/", agreement.agreement, name="agreement"),
    path("agreement/<int:pk>/take-back/", agreement.take_back_agreement, name="take_back_agreement"),
    path("<slug:key>/<slug:what>/", views.decide, name="decide"),
]
