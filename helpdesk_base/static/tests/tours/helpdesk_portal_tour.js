import { registry } from "@web/core/registry";

// A customer: home, list, new ticket, comment, close.
registry.category("web_tour.tours").add("helpdesk_portal_tour", {
    steps: () => [
        {
            content: "The portal home shows the tickets",
            trigger: "a[href='/my/tickets']:contains('Tickets')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "a.o_new_ticket",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "input[name=name]",
            run: "edit Mixer is loud",
        },
        {
            trigger: "textarea[name=description]",
            run: "edit It rattles since Monday.",
        },
        {
            trigger: ".o_helpdesk_ticket_form button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The customer is thanked",
            trigger: ".alert-success:contains('Thank you')",
        },
        {
            content: "The conversation loads its own assets: give it time",
            trigger: "#chatterRoot:shadow .o-mail-Composer-input",
            timeout: 60000,
            run: "edit It is louder today.",
        },
        {
            trigger: "#chatterRoot:shadow .o-mail-Composer button:contains('Send'):enabled",
            run: "click",
        },
        {
            trigger: "#chatterRoot:shadow .o-mail-Message:contains('It is louder today.')",
        },
        {
            trigger: "button.o_ticket_close",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The ticket is closed and can be reopened",
            trigger: "button.o_ticket_reopen",
        },
    ],
});
