"""Pages: see views.py and steps.py."""

from django.urls import path

from itsm.setup import steps, views

app_name = "setup"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("administrator/<str:secret>/", views.administrator, name="administrator"),
    path("card/<slug:what>/", views.card, name="card"),
    path("people/", steps.people, name="people"),
    path("service/", steps.service, name="service"),
    path("service/<slug:slug>/take-back/", steps.take_back_service, name="take_back_service"),
    path("objective/", steps.objective, name="objective"),
    path("objective/<slug:slug>/take-back/", steps.take_back_objective, name="take_back_objective"),
    path("token/", steps.token, name="token"),
    path("token/<slug:prefix>/take-back/", steps.take_back_token, name="take_back_token"),
    path("question/", steps.question, name="question"),
    path("question/<int:number>/take-back/", steps.take_back_question, name="take_back_question"),
    path("agreement/", steps.agreement, name="agreement"),
    path("agreement/<int:pk>/take-back/", steps.take_back_agreement, name="take_back_agreement"),
    path("<slug:key>/<slug:what>/", views.decide, name="decide"),
]
