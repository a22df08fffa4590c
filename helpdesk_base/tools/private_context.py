"""Context values that only Python can make.

A step of the server that steers a later one through the context must not be steerable
by whoever calls the server: what a client sends is plain data, never one of these.
"""


class Private:
    """A context value that no remote call can forge.

    :param value: what a later step reads with :func:`read_private`
    """

    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value


def read_private(env, key, default=None):
    """Return a value that Python put into the context as :class:`Private`.

    :param env: the environment whose context is read
    :param str key: name of the context key
    :param default: what to return if the key is missing or comes from a client
    """
    value = env.context.get(key)
    return value.value if isinstance(value, Private) else default
