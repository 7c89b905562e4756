"""Argon2id as OWASP's Password Storage Cheat Sheet asks at least (19 MiB, two passes, one lane).

Django's default takes 100 MiB and eight lanes for every check: fifty women signing in together would need 5 GB.
"""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1
