"""What the style guide shows: made-up content in Arabic and French, so that every component can be looked at."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language

from lms.languages import ARABIC, FRENCH

WORDS = {
    "ar": {
        "course": "أساسيات ريادة الأعمال",
        "summary": "من الفكرة إلى المشروع المدر للدخل: التكلفة والثمن والربح، والبيع بالهاتف.",
        "lessons": ("فكرة مشروعي", "كم يكلفني منتوجي؟", "كيف أحدد الثمن؟", "اختبار قصير"),
        "name": "الاسم الشخصي",
        "example_name": "فاطمة",
        "phone": "رقم الهاتف",
        "phone_hint": "نبعث لكِ رمزا في رسالة قصيرة.",
        "phone_error": "اكتبي الأرقام العشرة لهاتفكِ.",
        "centre": "المركز",
        "centres": ("مركز التربية والتكوين، العرائش", "فضاء متعدد الوظائف للنساء، تطوان", "لا أعرف"),
        "agree": "أوافق على حفظ معلوماتي للتكوين.",
        "question": "ما الذي ندخله في تكلفة المنتوج؟",
        "choices": ("المواد الأولية وحدها", "المواد الأولية ووقت العمل والنقل", "ثمن البيع في السوق"),
        "paragraph": "التكلفة هي كل ما تدفعينه قبل أن تبيعي: المواد، والنقل، ووقتكِ أيضا.",
        "quote": "وقتكِ له ثمن. احسبيه كل مرة.",
        "funnel": ("مسجلات", "نشيطات", "صامتات", "أتممن التكوين", "حصلن على الشهادة"),
        "places": ("العرائش", "تطوان", "شفشاون", "مراكز أخرى"),
    },
    "fr": {
        "course": "Les bases de l’entrepreneuriat",
        "summary": "De l’idée au projet qui rapporte : coût, prix, bénéfice, et vendre par téléphone.",
        "lessons": ("Mon idée de projet", "Combien me coûte mon produit ?", "Fixer mon prix", "Petit quiz"),
        "name": "Prénom",
        "example_name": "Fatima",
        "phone": "Numéro de téléphone",
        "phone_hint": "Nous vous envoyons un code par SMS.",
        "phone_error": "Écrivez les dix chiffres de votre numéro.",
        "centre": "Centre",
        "centres": (
            "Centre d’éducation et de formation, Larache",
            "Espace des femmes, Tétouan",
            "Je ne sais pas",
        ),
        "agree": "J’accepte que mes informations soient gardées pour la formation.",
        "question": "Que compte-t-on dans le coût d’un produit ?",
        "choices": ("Les matières seulement", "Les matières, le temps et le transport", "Le prix du marché"),
        "paragraph": "Le coût, c’est tout ce que vous payez avant de vendre : matières, transport, votre temps.",
        "quote": "Votre temps a un prix. Comptez-le chaque fois.",
        "funnel": ("Inscrites", "Actives", "Silencieuses", "Ont terminé", "Certifiées"),
        "places": ("Larache", "Tétouan", "Chefchaouen", "Autres centres"),
    },
}
COUNTS = (2400, 1310, 742, 348, 331)
FIGURES = ((812, 441, 239, 132), (640, 352, 201, 87), (411, 230, 120, 61), (97, 51, 30, 16))


def everything() -> dict[str, Any]:
    """The names that `lms/style.html` draws, in Arabic or else French."""
    words: dict[str, Any] = WORDS[ARABIC if get_language() == ARABIC else FRENCH]
    return {
        "words": words,
        "form": _answered_form(words),
        "birth_of_the_platform": date(2026, 11, 22),
        "funnel_rows": list(zip(words["funnel"], COUNTS, strict=True)),
        "figures": [(place, *row) for place, row in zip(words["places"], FIGURES, strict=True)],
    }


def _answered_form(words: dict[str, Any]) -> forms.Form:
    """A form that was sent with a wrong number and without consent."""
    fields = {
        "name": forms.CharField(label=words["name"], max_length=60),
        "phone": forms.CharField(
            label=words["phone"],
            help_text=words["phone_hint"],
            min_length=10,
            error_messages={"min_length": words["phone_error"]},
            widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "tel", "autocomplete": "tel"}),
        ),
        "centre": forms.ChoiceField(
            label=words["centre"],
            choices=[(str(index), centre) for index, centre in enumerate(words["centres"])],
            widget=forms.RadioSelect,
        ),
        "agree": forms.BooleanField(label=words["agree"]),
    }
    form_class = type("ExampleForm", (forms.Form,), fields)
    sent = {"name": words["example_name"], "phone": "06123", "centre": "1", "agree": "on"}
    form: forms.Form = form_class(sent)
    form.is_valid()
    return form
