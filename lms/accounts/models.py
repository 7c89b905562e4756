from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone

from lms import sealing
from lms.access.scoping import Scope
from lms.accounts.pseudonyms import new_pseudonym
from lms.ids import PublicIdField


class PersonManager(BaseUserManager["Person"]):
    def create(self, **fields: Any) -> "Person":
        person = self.model(**fields)
        if not person.password:
            person.set_unusable_password()
        person.save(force_insert=True, using=self.db)
        return person


class Person(AbstractBaseUser):
    """Someone we know, without her identity: names, phone and birth year live in `Identity`, sealed."""

    uuid = PublicIdField()
    pseudonym = models.CharField(max_length=16, unique=True, default=new_pseudonym)
    language = models.CharField(max_length=5, default="ar")
    is_active = models.BooleanField(default=True)
    pin = models.CharField(max_length=200, blank=True)
    discreet = models.BooleanField(default=False)
    accommodations = models.BinaryField(null=True)  # sealed: what makes learning easier for her
    home_organisation = models.ForeignKey(
        "lms.Organisation", on_delete=models.PROTECT, null=True, related_name="people"
    )
    created_at = models.DateTimeField(default=timezone.now)
    last_login = None

    USERNAME_FIELD = "uuid"
    objects = PersonManager()

    # Set when she signs in (lms/sign_in/queries.py) and narrowed to the ability a view names.
    scope: Scope = Scope()

    class Meta:
        db_table = "person"

    def get_username(self) -> str:
        return str(self.uuid)


class Identity(models.Model):
    """Who a person is. Every column is sealed and bound to its row; look-ups go through keyed indexes.

    A phone number is not unique: mother and daughter may share it (docs/decisions/).
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="identity", primary_key=True)
    names = models.BinaryField()
    phone = models.BinaryField(default=b"")
    email = models.BinaryField(default=b"")
    birth_year = models.BinaryField(default=b"")
    phone_index = models.BinaryField(null=True, db_index=True)
    email_index = models.BinaryField(null=True, unique=True)
    search_tokens = ArrayField(models.BigIntegerField(), default=list)
    # Under which row of a list she came: the same row never makes her twice (learners/imports/rows.py).
    row_index = models.UUIDField(null=True, unique=True)
    verified_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity"
        indexes = [GinIndex(fields=["search_tokens"], name="identity_by_name_prefix")]

    def read(self, column: str) -> str:
        """Open one sealed column; needs `person` loaded, whose uuid the value is bound to."""
        return sealing.unseal(getattr(self, column), table="identity", column=column, row=self.person.uuid)
