"""The console: pages for people. ``signage.web.console.framework.toolkit`` describes how to add one."""
