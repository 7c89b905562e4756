from django.urls import path

from lms.pages import views

urlpatterns = [
    path("language", views.ChooseLanguage.as_view(), name="set-language"),
    path("calendar", views.Neutral.as_view(), name="neutral"),
    path("help", views.Help.as_view(), name="help"),
    path("help/images/<str:name>", views.GuidePicture.as_view(), name="guide-picture"),
    path("help/<slug:slug>", views.Guide.as_view(), name="guide"),
    path("style", views.StyleGuide.as_view(), name="style"),
]
