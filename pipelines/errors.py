"""UserError: the exception whose message is shown to users without a traceback."""


class UserError(Exception):
    """Error that a user can correct.

    The message is one sentence: the file or flag, what is wrong with it, and what to do.
    """
