"""The one exception whose message is shown to a user as it is."""


class UserError(Exception):
    """A mistake that a user can make.

    The message is one sentence: which file or flag, what is wrong with it, what to do.
    """
