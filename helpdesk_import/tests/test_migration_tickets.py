from odoo.fields import Command
from odoo.tests import tagged

from .migration_common import MigrationCommon

SILENT = ("mail.mail", "mail.notification", "mail.activity")


@tagged("post_install", "-at_install")
class TestMigrationTickets(MigrationCommon):
    """Tickets of an old desk come as they were, in silence, and once."""

    def _count(self, *models):
        self.env.flush_all()
        return [
            self.env[model].with_context(active_test=False).search_count([])
            for model in models
        ]

    # === REHEARSAL === #

    def test_rehearsal_writes_nothing(self):
        _desk, url = self._serve(5)
        migration = self._new_migration(url)
        models = ("helpdesk.ticket", "mail.message", "ir.attachment", "res.partner")
        models += ("helpdesk.team", "helpdesk.stage", "helpdesk.tag", "ir.model.data")
        before = self._count(*models)
        self._rehearse(migration)
        self.assertEqual(self._count(*models), before)
        counts = self._get_counts(migration)
        self.assertEqual(counts["ticket"], (5, 0, 5, 0))
        self.assertEqual(counts["message"], (15, 0, 15, 0))
        self.assertEqual(counts["file"], (5, 0, 5, 0))
        self.assertEqual(counts["follower"], (10, 0, 10, 0))
        self.assertEqual(counts["contact"], (2, 0, 2, 0))
        self.assertEqual(counts["stage"], (2, 0, 2, 0))
        for entity in ("team", "type", "category", "channel", "tag"):
            self.assertEqual(counts[entity], (1, 0, 1, 0), entity)
        self.assertEqual(counts["time"], (5, 0, 0, 5))
        reasons = " ".join(migration.problem_line_ids.mapped("reason"))
        self.assertIn("Old Agent is no employee", reasons)
        self.assertIn("Old Agent is no user", reasons)
        self.assertIn("Promised times do not come", reasons)

    def test_people_are_known(self):
        desk, url = self._serve(1)
        people = desk.records["res.partner"]
        people[2]["email"] = self.contact_a.email
        people[3].update(email=False, name="Only One of This Name")
        named = self.env["res.partner"].create({"name": "Only One of This Name"})
        migration = self._new_migration(url)
        tickets = self._bring_in(migration)
        self.assertEqual(tickets.partner_id, self.contact_a)
        self.assertIn(named, tickets.message_partner_ids)
        line = migration.count_line_ids.filtered(lambda x: x.entity == "contact")
        self.assertEqual(line.name, "mail address: 1, name: 1")

    # === AS THEY WERE === #

    def test_as_they_were(self):
        desk, url = self._serve(2)
        desk.records["res.users"][1]["login"] = self.agent.login
        tickets = self._bring_in(self._new_migration(url))
        self.assertEqual(tickets.mapped("ticket_ref"), ["OLD00001", "OLD00002"])
        ticket = tickets[0]
        self.assertEqual(str(ticket.create_date), "2021-03-01 09:00:00")
        self.assertEqual(str(ticket.assign_date), "2021-03-01 10:00:00")
        self.assertEqual(str(ticket.first_response_date), "2021-03-01 12:00:00")
        self.assertEqual(str(ticket.close_date), "2021-03-02 15:00:00")
        self.assertEqual(ticket.close_hours, 30)
        self.assertTrue(ticket.is_closed)
        self.assertEqual(ticket.stage_id.name, "Was Done")
        self.assertEqual(ticket.team_id.name, "Old Care")
        self.assertEqual(ticket.user_id, self.agent)
        self.assertEqual(ticket.priority, "1")
        self.assertEqual(ticket.ticket_type_id.name, "Failure")
        self.assertEqual(
            set(ticket.tag_ids.mapped("name")), {"Spare Part", "Printers", "By Phone"}
        )
        self.assertEqual(ticket.description, "<p>It <b>hums</b></p>")
        self.assertEqual(ticket.partner_id.email, "till@harbour.example")
        self.assertEqual(ticket.partner_id.parent_id.name, "Harbour Bakery")
        followers = ticket.partner_id | self.agent.partner_id
        self.assertEqual(ticket.message_partner_ids, followers)

    def test_conversation(self):
        desk, url = self._serve(1)
        desk.records["res.users"][1]["login"] = self.agent.login
        gone = desk.add_message(
            1, author_id=False, email_from="gone@old.example", message_type="email"
        )
        desk.add_message(1, body="", message_type="notification", subtype_id=2)
        desk.add_message(1, message_type="user_notification")
        ticket = self._bring_in(self._new_migration(url))
        messages = ticket.message_ids.sorted("id")
        self.assertEqual(len(messages), 4)
        customer, answer, note, deleted = messages
        self.assertEqual(customer.author_id, ticket.partner_id)
        self.assertEqual(str(customer.date), "2021-03-01 11:00:00")
        self.assertEqual(answer.author_id, self.agent.partner_id)
        comment = self.env.ref("mail.mt_comment")
        self.assertEqual((customer | answer | deleted).subtype_id, comment)
        self.assertEqual(note.subtype_id, self.env.ref("mail.mt_note"))
        self.assertTrue(note.is_internal)
        self.assertEqual(note.attachment_ids.raw, b"text of a file")
        self.assertFalse(deleted.author_id)
        self.assertEqual(deleted.email_from, "gone@old.example")
        self.assertTrue(gone)

    def test_in_silence_and_once(self):
        _desk, url = self._serve(3)
        self.team.assign_method = "balanced"
        migration = self._new_migration(url)
        before = self._count(*SILENT)
        tickets = self._bring_in(migration)
        self.assertFalse(tickets.user_id)
        self.assertEqual(self._count(*SILENT), before)
        models = ("helpdesk.ticket", "mail.message", "ir.attachment", "res.partner")
        models += ("mail.followers", "helpdesk.team", "helpdesk.stage", "helpdesk.tag")
        before = self._count(*models, *SILENT)
        tickets[0].name = "Renamed here"
        migration.action_bring_in()
        self._run_jobs()
        self.assertEqual(self._count(*models, *SILENT), before)
        self.assertEqual(tickets[0].name, "Renamed here")
        self.assertEqual(self._get_counts(migration)["ticket"], (3, 3, 0, 0))

    def test_what_is_new_comes_later(self):
        desk, url = self._serve(1)
        migration = self._new_migration(url)
        ticket = self._bring_in(migration)
        desk.add_message(1, body="<p>Later</p>")
        desk.add_ticket()
        again = self._new_migration(url)
        tickets = self._bring_in(again)
        self.assertEqual(len(tickets), 2)
        self.assertEqual(len(ticket.message_ids), 4)

    # === WHAT IS ODD === #

    def test_customers_who_are_not_made(self):
        _desk, url = self._serve(1)
        migration = self._new_migration(url, create_partners=False)
        before = self._count("res.partner")
        ticket = self._bring_in(migration)
        self.assertEqual(self._count("res.partner"), before)
        self.assertFalse(ticket.partner_id)
        self.assertEqual(ticket.partner_name, "Till")
        self.assertIn("Till", ticket.message_ids.sorted("id")[0].email_from)

    def test_ratings(self):
        if "rating_ids" not in self.env["helpdesk.ticket"]._fields:
            return  # ratings come where they are installed
        desk, url = self._serve(1)
        rating = {"res_model": "helpdesk.ticket", "res_id": 1, "partner_id": 2}
        desk.add("rating.rating", rating=5, consumed=True, feedback="Quick", **rating)
        desk.add("rating.rating", rating=0, consumed=False, **rating)
        migration = self._new_migration(url)
        ticket = self._bring_in(migration)
        self.assertEqual(ticket.rating_ids.mapped("rating"), [5])
        self.assertEqual(ticket.rating_ids.feedback, "Quick")
        self.assertEqual(ticket.rating_ids.partner_id, ticket.partner_id)
        self.assertEqual(self._get_counts(migration)["rating"], (1, 0, 1, 0))

    def test_number_is_taken(self):
        desk, url = self._serve(2)
        desk.records["helpdesk.ticket"][1]["number"] = self.ticket.ticket_ref
        migration = self._new_migration(url)
        tickets = self._bring_in(migration)
        self.assertEqual(tickets.mapped("ticket_ref"), ["OLD00002"])
        self.assertEqual(self._get_counts(migration)["ticket"], (2, 0, 1, 1))
        problem = migration.problem_line_ids.filtered(lambda x: x.entity == "ticket")
        self.assertIn("number is taken", problem.reason)
        self.assertEqual(problem.name, self.ticket.ticket_ref)
        migration.taken_number = "renumber"
        migration.action_bring_in()
        self._run_jobs()
        late = self._find_tickets(migration) - tickets
        self.assertNotEqual(late.ticket_ref, self.ticket.ticket_ref)
        self.assertEqual(late.name, f"Old ticket 1 [{self.ticket.ticket_ref}]")

    def test_number_twice_on_the_old_desk(self):
        desk, url = self._serve(2)
        desk.records["helpdesk.ticket"][2]["number"] = "OLD00001"
        migration = self._new_migration(url)
        ticket = self._bring_in(migration)
        self.assertEqual(ticket.name, "Old ticket 1")
        self.assertEqual(self._get_counts(migration)["ticket"], (2, 0, 1, 1))

    def test_odd_tickets(self):
        desk, url = self._serve()
        desk.add_ticket(active=False)
        desk.add_ticket(number="/", name="", team_id=False, stage_id=False)
        desk.add_ticket(
            partner_id=False, partner_name="Ola", partner_email="o@la.example"
        )
        archived, bare, unknown = self._bring_in(self._new_migration(url))
        self.assertFalse(archived.active)
        self.assertEqual(bare.team_id.name, "Tickets without Team")
        self.assertEqual(bare.name, "No Subject")
        self.assertTrue(bare.ticket_ref.isdigit())
        self.assertEqual(unknown.partner_name, "Ola")
        self.assertEqual(unknown.partner_email, "o@la.example")

    def test_odd_files(self):
        desk, url = self._serve()
        desk.add_ticket(description='<p><img src="/web/image/1?access_token=x"></p>')
        desk.add_file(1, b"a picture", name="a.png")
        desk.add_file(1, b"", name="empty.txt")
        desk.add_file(1, b"lost", name="lost.txt", datas=False)
        desk.add_file(1, b"<html/>", name="page.html", mimetype="text/html")
        migration = self._new_migration(url)
        ticket = self._bring_in(migration)
        files = self.env["ir.attachment"].search(
            [("res_model", "=", "helpdesk.ticket"), ("res_id", "=", ticket.id)]
        )
        self.assertEqual(set(files.mapped("name")), {"a.png", "empty.txt", "page.html"})
        picture, empty, page = files.sorted("name")
        self.assertFalse(empty.raw)
        self.assertEqual(page.mimetype, "text/plain")
        self.assertIn(f"/web/image/{picture.id}?access_token=", ticket.description)
        self.assertEqual(self._get_counts(migration)["file"], (4, 0, 3, 1))

    def test_two_companies(self):
        second = self.env["res.company"].create({"name": "Second Desk"})
        self.importer.company_ids += second
        desk, url = self._serve(1)
        desk.records["res.company"][1]["name"] = self.company.name
        desk.add("res.company", name="second desk")
        desk.add("res.company", name="Nobody Knows")
        for company in (2, 3):
            desk.add_ticket(company_id=company)
        migration = self._new_migration(url)
        tickets = self._bring_in(migration)
        self.assertEqual(tickets.company_id, self.company | second)
        self.assertEqual(set(tickets.team_id.mapped("name")), {"Old Care"})
        problem = migration.problem_line_ids.filtered(lambda x: x.entity == "ticket")
        self.assertIn("Nobody Knows", problem.reason)

    def test_a_ticket_that_is_refused_stays_behind_alone(self):
        desk, url = self._serve(3)
        desk.records["helpdesk.ticket"][2]["priority"] = "9"
        migration = self._new_migration(url)
        tickets = self._bring_in(migration)
        self.assertEqual(tickets.mapped("ticket_ref"), ["OLD00001", "OLD00003"])
        self.assertEqual(self._get_counts(migration)["ticket"], (3, 0, 2, 1))

    def test_chosen_teams(self):
        desk, url = self._serve(2)
        desk.add("helpdesk.ticket.team", name="care", company_id=1)
        desk.records["helpdesk.ticket"][2]["team_id"] = 2
        migration = self._new_migration(url)
        migration.action_connect()
        other, own = migration.team_map_ids.sorted("name")
        self.assertEqual(own.team_id, self.team)
        self.assertEqual(own.ticket_count, 1)
        other.write({"is_taken": False})
        migration.action_rehearse()
        self._run_jobs()
        migration.action_bring_in()
        self._run_jobs()
        tickets = self._find_tickets(migration)
        self.assertEqual(tickets.team_id, self.team)
        self.assertEqual(tickets.ticket_ref, "OLD00002")

    # === SPEED === #

    def test_queries_do_not_grow_with_tickets(self):
        counts = {}
        for number in (4, 4, 12):  # the first one warms caches up
            desk, url = self._serve(number)
            migration = self._new_migration(url, database="old_desk")
            migration.source = f"speed_{number}_{len(counts)}"
            for row in desk.records["helpdesk.ticket"].values():
                row["number"] = f"{migration.source}_{row['id']}"
            self._rehearse(migration)
            asked = len(desk.calls)
            migration.action_bring_in()
            queries = self._count_queries(self._run_jobs)
            counts[number] = (queries, len(desk.calls) - asked)
            self.assertEqual(len(self._find_tickets(migration)), number)
        self.assertEqual(counts[12], counts[4])

    def test_teams_and_users_of_other_companies(self):
        """An assignee who does not work for the company stays away."""
        second = self.env["res.company"].create({"name": "Second Desk"})
        self.importer.company_ids += second
        desk, url = self._serve(1)
        desk.records["res.company"][1]["name"] = "Second Desk"
        desk.records["res.users"][1]["login"] = self.agent.login
        self.assertNotIn(second, self.agent.company_ids)
        ticket = self._bring_in(self._new_migration(url))
        self.assertEqual(ticket.company_id, second)
        self.assertFalse(ticket.user_id)

    def test_commands_are_no_values(self):
        _desk, url = self._serve(1)
        migration = self._new_migration(url)
        migration.action_connect()
        row = migration.team_map_ids
        migration.write({"team_map_ids": [Command.update(row.id, {"is_taken": False})]})
        self.assertFalse(row.is_taken)
