"""What our tickets cost beside stock project tasks: queries, time, growth, clients.

Read ``benchmarks/README.md`` for what is measured and how to read the table.
"""
