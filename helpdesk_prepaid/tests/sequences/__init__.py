"""What the machine of random sequences plays and checks where packs of hours are sold.

It extends the one of the addon below: ``world`` carries out what people do with packs,
``facts`` and ``checks`` say what must be true, ``machine`` plays it all.
"""
