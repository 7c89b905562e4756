"""How each language writes dates and numbers (`FORMAT_MODULE_PATH`). Sources: Unicode CLDR 47 and Morocco's usage."""
