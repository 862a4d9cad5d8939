"""The console: pages for people. ``signage.web.console.base`` says how one is added."""
