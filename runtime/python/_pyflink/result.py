"""What `execute()` returns."""

from __future__ import annotations


class JobExecutionResult:
    """The job's id and how long it ran."""

    def __init__(self, job_id: str, net_runtime: int) -> None:
        #: 32 hex digits.
        self.jobID = job_id
        #: Milliseconds.
        self.netRuntime = net_runtime

    def getJobID(self) -> str:
        """The job's id: 32 hex digits."""
        return self.jobID

    def getNetRuntime(self) -> int:
        """How long the job ran, in milliseconds."""
        return self.netRuntime

    def __repr__(self) -> str:
        return f"JobExecutionResult(jobID={self.jobID!r}, netRuntime={self.netRuntime})"
