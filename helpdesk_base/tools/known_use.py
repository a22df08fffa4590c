"""What is known of the use of a feature, in ``ormcache``: who has none asks nothing."""


def forget_use(env, begins):
    """Forget it, as the use of something begins or ends.

    What ends is only forgotten after the commit, and is asked for before it ends: who
    asks in between would keep the answer, though the end may still be taken back, to a
    savepoint say, and what is in use would be overlooked from then on. To believe the
    opposite costs a query.

    :param env: environment of the change
    :param bool begins: whether it begins
    """
    forget = env.registry.clear_cache
    if begins:
        forget()
    else:
        env.cr.postcommit.add(forget)
