"""How a page is added to the console, and all that a page uses.

1. A file here is a subject: ``campaigns.py`` with ``pages = Pages("campaigns")``. Add it to ``table.py``.
2. A page is a function under the one table that decides who may open it::

       @pages.get("/campaigns/<campaign_id>", duty="campaign.view")
       def show(campaign_id: str) -> Response:
           return render("campaigns/show.html", campaign=questions.campaign(here().office, campaign_id))

       @pages.post("/campaigns/<campaign_id>/end", duty="campaign.end")
       def end(campaign_id: str) -> Response:
           form = Form.read()
           form.need("why")
           with form.catching():
               acts.campaigns.end(here().office, here().actor, campaign_id, form.text("why"))
           if form.errors:
               return render("campaigns/end.html", form.status, form=form, …)
           return go("campaigns.show", done="campaign-ended", campaign_id=campaign_id)

   Its endpoint is ``campaigns.show`` (``url("campaigns.show", campaign_id=…)`` in templates too). *duty* is a verb of
   ``signage.model.permissions``; looking has verbs of its own (``campaign.view``). ``guard.py`` requires a log-in, the
   CSRF token (403) and the permission (403), and renders refusals and failures as pages. The service checks the
   permission again.
3. Pages call acts and questions in ``signage.services`` (``here().office``, ``here().actor``), ``here().library``,
   ``here().rules``; never ``signage.store``. An ``if`` about the office's rules belongs there.
4. Templates: ``{% extends "layout.html" %}``, ``{% import "_parts.html" as parts with context %}``; blocks ``title``,
   ``main``, ``styles`` (``<link rel="stylesheet" href="{{ static('css/NAME.css') }}">``), ``scripts`` (``<script
   type="module" src=…>``). ``_parts.html`` has head, input, area, select, boxes, tick, act (a button that is a form),
   badge, notice, empty, pager, copy. Every form of a change begins with ``{{ parts.csrf() }}``. No ``style=``, no
   ``onclick=``, no inline script or style: the policy forbids them.
5. Texts: English, in ``_("…")`` (templates and Python; ``N_`` marks, ``gettext(x)`` shows), blanks ``%(name)s``; the
   Chinese in ``messages/zh/SUBJECT.po``. A test finds what has no Chinese. What is refused, and what is said after a
   change (``go(…, done="campaign-ended")`` says ``[done-campaign-ended]``), are messages: ``messages/en/SUBJECT.po``.
6. Styles: a file a component in ``static/css``, inside ``@layer components``; colours and sizes by the names of
   ``tokens.css``. Scripts: modules in ``static/js`` that enhance what works without them; ``console.js`` looks for
   ``data-…`` attributes (``data-ask``, ``data-copy``, ``data-passing``, ``data-focus``, ``data-menu``).
7. Icons: ``static/icons/NAME.svg`` (24×24, ``stroke="currentColor"``), shown by ``{{ icon("NAME") }}``.
8. Lists are read a page at a time with a cursor: ``parts.pager(next_cursor, shown=bool(cursor))``.
"""

from signage.web.console.framework.forms import Form, format_fault_lines
from signage.web.console.framework.i18n import N_, _, get_language, ngettext
from signage.web.console.framework.registry import PageGroup
from signage.web.console.framework.rendering import (
    build_url,
    is_allowed,
    redirect_to_page,
    redirect_to_url,
    render_fragment,
    render_template,
)
from signage.web.request_context import (
    RequestContext,
    get_app_context,
    get_full_session,
    get_request_context,
    respond_json,
)
from signage.web.request_guard import PUBLIC, SECOND_FACTOR_PENDING

__all__ = [
    "N_",
    "PUBLIC",
    "SECOND_FACTOR_PENDING",
    "Form",
    "PageGroup",
    "RequestContext",
    "_",
    "build_url",
    "format_fault_lines",
    "get_app_context",
    "get_full_session",
    "get_language",
    "get_request_context",
    "is_allowed",
    "ngettext",
    "redirect_to_page",
    "redirect_to_url",
    "render_fragment",
    "render_template",
    "respond_json",
]
