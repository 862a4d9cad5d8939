"""The console: pages for people. ``signage.web.console.framework.toolkit`` says how one is added."""
