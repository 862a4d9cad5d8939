"""What the system does with its evidence on time: checkpoints, sealed days, the end of what was kept long enough."""

from signage.acts.act import Office
from signage.acts.proofs import archive, evidence
from signage.evidence import sealing
from signage.evidence.log import checkpoints
from signage.evidence.settings import EvidenceConfig


def checkpoint(office: Office, config: EvidenceConfig) -> None:
    """Sign the audit log where something happened since the last time; write the checkpoint out where asked."""
    made = checkpoints.checkpoint(office.store, office.clock)
    if made is not None and config.checkpoints:
        checkpoints.write_out(made, office.root / config.checkpoints)


def seal(office: Office, config: EvidenceConfig) -> None:
    """Seal days that are over, and let go of those that were kept for long enough."""
    kept = archive(office)
    sealing.seal_due(office.store, office.clock, kept, lambda connection: evidence(office, connection), config)
    sealing.expire(office.store, office.clock, kept, config)
