import { registry } from "@web/core/registry";

// A visitor: the team, its form with something missing, the number.
registry.category("web_tour.tours").add("helpdesk_website_tour", {
    steps: () => [
        {
            trigger: ".o_helpdesk_form input[name=partner_name]",
            run: "edit Vera Visitor",
        },
        {
            trigger: ".o_helpdesk_form input[name=partner_email]",
            run: "edit vera@visit.example",
        },
        {
            trigger: ".o_helpdesk_form input[name=name]",
            run: "edit Gate is open",
        },
        {
            trigger: ".o_helpdesk_form .s_website_form_send",
            run: "click",
        },
        {
            content: "What is missing is marked, what was typed stays",
            trigger: ".o_helpdesk_form textarea[name=description].is-invalid",
            run: "edit Since noon.",
        },
        {
            trigger: ".o_helpdesk_form .s_website_form_date input",
            run: "edit 02/28/2030",
        },
        {
            trigger: ".o_helpdesk_form .s_website_form_multiple input[value=b]",
            run: "check",
        },
        {
            trigger: ".o_helpdesk_form .s_website_form_multiple input[value=a]",
            run: "check",
        },
        {
            trigger: ".o_helpdesk_form .s_website_form_send",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The visitor has the number",
            trigger: ".o_helpdesk_thank_you:contains('Its number is #')",
        },
    ],
});
