"""The scheduled jobs of the background process: the lease, the campaign folder, publishing, upkeep.

1. Jobs of the lane ``urgent`` are short; nothing that may take long delays them: the lease, and what tells others
   whether this process is well.
2. A job other than the lease runs only in the process that has the lease.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from signage.config import Config
from signage.jobs import JobScheduler, PeriodicJob
from signage.library.service import Library
from signage.publish.load_snapshot import ScheduleRules
from signage.services.campaigns.folder_watch import FileOutcome, FolderWatcher
from signage.services.campaigns.simulation import create_forecast_provider
from signage.services.context import AppContext
from signage.services.evidence.evidence_jobs import maintain_archive, process_due_reports, sign_checkpoint
from signage.services.incidents import monitor, notifications
from signage.services.incidents.channels import create_channels
from signage.services.loop_health import write_loop_report
from signage.services.publishing.publisher import Publisher
from signage.services.screens.enrolments import EnrolmentService
from signage.store.lease import Lease

_log = logging.getLogger(__name__)
_CHANGE_CHECK_S = 0.2
_FOLDER_SCAN_S = 0.5
_LEASE_RENEWAL_S = 3.0
_HEALTH_REPORT_S = 5.0
_MINUTE_S = 60.0
_HOUR_S = 3600.0
_UPLOAD_CLEANUP_S = 600.0
_INCIDENT_CHECK_S = 30.0


class IncidentMonitorJob:
    """Detects incidents and sends their notifications."""

    def __init__(self, config: Config, app_context: AppContext) -> None:
        self._config, self._office = config, app_context
        self._last_run_at: datetime | None = None
        zone = ZoneInfo(config.timezone)
        self._channels = create_channels(
            config.notice,
            app_context.clock,
            lambda: app_context.clock.now().astimezone(zone).date(),
            config.mail_server,
        )

    def __call__(self) -> None:
        try:
            self._last_run_at = monitor.detect_incidents(self._office, self._config.incident, self._last_run_at)
        finally:  # what was found before is sent even where detection fails
            notifications.send_due_notices(self._office, self._config.notice, self._channels)


class BackgroundJobs:
    """The scheduled jobs of the parent; the lease limits them to one process."""

    def __init__(
        self, config: Config, app_context: AppContext, library: Library, tell: Callable[[FileOutcome], None]
    ) -> None:
        self._office = app_context
        self._lease = Lease(app_context.store, app_context.clock)
        self._campaign_folder = FolderWatcher(app_context)
        rules = ScheduleRules(config.schedule_settings, config.calendars)
        forecast_provider = create_forecast_provider(app_context, rules, library)
        enrolments = EnrolmentService(
            app_context.store, app_context.clock, lifetime_minutes=config.web.enrolment_minutes
        )
        self._publisher = Publisher(app_context, rules, library.create_resolver)
        self._library = library
        self._report_outcome = tell
        self._is_leader = False
        self._next_publish_at: datetime | None = None
        self._job_scheduler = JobScheduler(
            (
                PeriodicJob("lease", _LEASE_RENEWAL_S, self._renew_lease, "urgent"),
                PeriodicJob(
                    "health",
                    _HEALTH_REPORT_S,
                    lambda: write_loop_report(app_context.state, app_context.clock),
                    "urgent",
                ),
                PeriodicJob("folder", _FOLDER_SCAN_S, self._scan_folder),
                PeriodicJob("look", _CHANGE_CHECK_S, self._publish_if_changed),
                PeriodicJob(
                    "checkpoint", _MINUTE_S, self._require_leader(lambda: sign_checkpoint(app_context, config.evidence))
                ),
                PeriodicJob(
                    "archive",
                    _HOUR_S,
                    self._require_leader(lambda: maintain_archive(app_context, config.evidence, config.incident)),
                    lane="slow",
                ),
                PeriodicJob(
                    "reports",
                    _MINUTE_S,
                    self._require_leader(
                        lambda: process_due_reports(app_context, config.evidence, forecast_provider, config.mail_server)
                    ),
                    lane="slow",
                ),
                PeriodicJob(
                    "watch",
                    _INCIDENT_CHECK_S,
                    self._require_leader(IncidentMonitorJob(config, app_context)),
                    lane="slow",
                ),
                PeriodicJob("enrolments", _MINUTE_S, self._require_leader(enrolments.delete_expired)),
                PeriodicJob(
                    "uploads", _UPLOAD_CLEANUP_S, self._require_leader(library.uploads.delete_expired), lane="slow"
                ),
            ),
            app_context.clock,
        )

    def start(self) -> None:
        """Acquire the lease, load and publish; then continue in the background."""
        self._renew_lease()
        if self._is_leader:
            self._scan_folder()
            self._publish()
        self._library.start()
        self._job_scheduler.start()

    def stop(self) -> None:
        """Finish running jobs and release the lease."""
        self._job_scheduler.stop()
        self._library.stop()
        self._lease.release()

    def _renew_lease(self) -> None:
        was_leader, self._is_leader = self._is_leader, self._lease.acquire()
        if was_leader != self._is_leader:
            _log.info("the timetable is %s", "kept here" if self._is_leader else "kept by another process")

    def _require_leader(self, act: Callable[[], object]) -> Callable[[], None]:
        """Wrap *act* so that it runs only in the process that has the lease."""

        def run() -> None:
            if self._is_leader:
                act()

        return run

    def _scan_folder(self) -> None:
        if self._is_leader:
            for outcome in self._campaign_folder.scan():
                self._report_outcome(outcome)

    def _publish_if_changed(self) -> None:
        due = self._next_publish_at is None or self._office.clock.now() >= self._next_publish_at
        if self._is_leader and (due or self._publisher.has_changes() or self._publisher.has_clock_gone_back()):
            self._publish()

    def _publish(self) -> None:
        self._next_publish_at = self._publisher.publish_changes()
        self._job_scheduler.schedule_at(self._next_publish_at, self._publish_if_changed)
