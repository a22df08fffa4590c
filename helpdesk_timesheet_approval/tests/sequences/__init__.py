"""What the machine of random sequences plays and checks where time is approved.

It extends the one of the addon below: ``world`` carries out what leads and customers do,
``facts`` and ``checks`` say what must be true, ``machine`` plays it all.
"""
