"""What the machine of random sequences plays and checks where kinds of work are used.

It extends the one of the addon below: ``world`` carries out what people do with kinds,
``facts`` and ``checks`` say what must be true, ``machine`` plays it all.
"""
