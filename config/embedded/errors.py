"""What can go wrong before the platform is up, always as one sentence that says what to do."""


class EmbeddedError(Exception):
    """A server or a step cannot be had. The message is for the person at the terminal."""


class PortTaken(EmbeddedError):
    """The port people were to reach is another program's."""
