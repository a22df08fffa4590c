"""One person on two devices at once.

Prints one line of JSON for each pair of acts: what each device was told, and what is
there afterwards. Two real transactions; nothing is rolled back.
"""

import json

from helpers.at_once import begin, carry_out, overlap

PAIRS = ("stop stop", "start start", "start other", "stop pause", "resume resume")


def new_world(env):
    team = env["helpdesk.team"].create({"name": "A", "use_helpdesk_timesheet": True})
    groups = (
        "helpdesk_base.group_helpdesk_manager",
        "hr_timesheet.group_hr_timesheet_user",
    )
    number = env["res.users"].search_count([])
    user = env["res.users"].create(
        {
            "name": "Two Devices",
            "login": f"two_devices_{number}",
            "group_ids": [(6, 0, [env.ref(group).id for group in groups])],
        }
    )
    env["hr.employee"].create({"name": "Two Devices", "user_id": user.id})
    values = {"name": "R", "team_id": team.id}
    tickets = env["helpdesk.ticket"].create([values, values])
    return user.id, tickets.ids


def act(env, told, name, ticket_id):
    ticket = env["helpdesk.ticket"].browse(ticket_id)
    if name == "stop":
        told.append(bool(ticket.action_timer_stop("Work", 0.5)))
    elif name == "pause":
        told.append(bool(ticket.action_timer_pause()))
    else:
        told.append(bool(ticket.action_timer_start()))


def answer(env, told, *arguments):
    """Note what the second device is told, once it is told for good."""

    def call(env):
        mine = []
        act(env, mine, *arguments)
        return mine

    try:
        told.extend(carry_out(env, call))
    except Exception as error:
        told.append(str(error))


def prepare(env, uid, pair, ticket_id):
    ticket = env["helpdesk.ticket"].with_user(uid).browse(ticket_id)
    if not pair.startswith("start"):
        ticket.action_timer_start()
    if pair.startswith("resume"):
        ticket.action_timer_pause()
    env.cr.commit()


def main(env):
    registry = env.registry
    for pair in PAIRS:
        uid, (first, second) = new_world(env)
        prepare(env, uid, pair, first)
        names = pair.split()
        target = second if names[1] == "other" else first
        one, two, told = begin(registry, uid), begin(registry, uid), []
        act(one, told, names[0], first)
        one.flush_all()
        overlap(one, two, answer, told, names[1], target)
        env.cr.commit()
        env.invalidate_all()
        timers = env["helpdesk.timer"].search([("user_id", "=", uid)])
        lines = env["account.analytic.line"].search([("user_id", "=", uid)])
        states = sorted(timers.mapped("state"))
        print("DEVICES", json.dumps({"pair": pair, "told": told, "timers": states,
                                     "hours": lines.mapped("unit_amount")}))  # fmt: skip
