"""Writes a report in the format of its file extension."""

import secrets
from importlib import import_module
from pathlib import Path

from signage.evidence.reports.report import CampaignReport
from signage.evidence.reports.text import get_report_text
from signage.faults import Fault, FaultLocation, Refused
from signage.messages import Language

FORMATS = {".docx": "write_docx", ".xlsx": "write_xlsx", ".pdf": "write_pdf", ".csv": "write_csv"}


def check_ending(path: Path) -> str:
    """Return the file extension of *path*. Raises Refused for an unknown one."""
    ending = path.suffix.lower()
    if ending not in FORMATS:
        facts = {"file": str(path), "known": ", ".join(FORMATS)}
        raise Refused([Fault("error", "report-ending", FaultLocation(file=str(path)), facts)])
    return ending


def write_report(report: CampaignReport, path: Path, language: Language = "zh") -> None:
    """Write *path* in *language*, atomically. Raises Refused."""
    ending = check_ending(path)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}{ending}")
    try:
        import_module(f"signage.evidence.reports.{FORMATS[ending]}").write(report, partial, get_report_text(language))
        partial.replace(path)
    except OSError as error:
        facts = {"file": str(path), "why": error.strerror or str(error)}
        raise Refused([Fault("error", "report-unwritable", FaultLocation(file=str(path)), facts)]) from error
    finally:
        partial.unlink(missing_ok=True)
