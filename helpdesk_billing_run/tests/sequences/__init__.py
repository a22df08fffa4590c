"""What the machine of random sequences plays and checks where months are billed in runs.

It extends the one of the addon below: ``world`` carries out what people and the job do
with runs, ``checks`` say what must be true, ``machine`` plays it all.
"""
