"""How to add a page to the console, and the names that pages use.

1. A module in ``pages/`` is a subject: ``campaigns.py`` with ``pages = PageGroup("campaigns")``, listed in
   ``routes.py``.
2. A page is a function, registered with the permission that opens it::

       @pages.get("/campaigns/<campaign_id>", "campaign.view")
       def show(campaign_id: str) -> Response:
           campaign = queries.get_campaign(get_request_context().app, campaign_id)
           return render_template("campaigns/show.html", campaign=campaign)

       @pages.post("/campaigns/<campaign_id>/end", "campaign.end")
       def end(campaign_id: str) -> Response:
           form, context = Form.from_request(), get_request_context()
           form.require_fields("why")
           with form.collect_faults():
               versions.end_campaign(context.app, context.actor, campaign_id, form.get_text("why"))
           if form.errors:
               return render_template("campaigns/end.html", form.status, form=form, …)
           return redirect_to_page("campaigns.show", done="campaign-ended", campaign_id=campaign_id)

   Its endpoint is ``campaigns.show`` (``url("campaigns.show", campaign_id=…)`` in templates too). The permission is a
   key of ``signage.model.permissions``; reading has its own (``campaign.view``). The guard requires a session, the CSRF
   token (403) and the permission (403), and renders refusals and failures as pages. The service checks the permission
   again.
3. Pages call ``signage.services`` with ``context.app`` and ``context.actor``; they never import ``signage.store``.
   Rules of the domain belong into the services.
4. Templates: ``{% extends "layout.html" %}``, ``{% import "_parts.html" as parts with context %}``; blocks ``title``,
   ``main``, ``styles`` (``<link rel="stylesheet" href="{{ static('css/NAME.css') }}">``), ``scripts`` (``<script
   type="module" src=…>``). ``_parts.html`` has head, input, area, select, boxes, tick, act (a button that is a form),
   badge, notice, empty, pager, copy. Every form that changes something begins with ``{{ parts.csrf() }}``. No
   ``style=``, ``onclick=``, inline script or style: the content security policy forbids them.
5. Texts: English, in ``_("…")`` (templates and Python; ``N_`` marks, ``gettext(x)`` translates), placeholders
   ``%(name)s``; the Chinese is in ``messages/zh/SUBJECT.po``; a test finds missing translations. Refusals and the
   messages after a change (``redirect_to_page(…, done="campaign-ended")`` shows ``done-campaign-ended``) are messages
   too.
6. Styles: a file per component in ``static/css``, inside ``@layer components``; colours and sizes from ``tokens.css``.
   Scripts: modules in ``static/js`` that enhance what works without them; ``console.js`` handles the attributes
   ``data-ask``, ``data-copy``, ``data-passing``, ``data-focus``, ``data-menu``.
7. Icons: ``static/icons/NAME.svg`` (24×24, ``stroke="currentColor"``), rendered by ``{{ icon("NAME") }}``.
8. Lists are read page by page with a cursor: ``parts.pager(next_cursor, shown=bool(cursor))``.
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
