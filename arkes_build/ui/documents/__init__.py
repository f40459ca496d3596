"""Type every JSON document that a program may read; the published schemas are made of these.

``schemas`` turns them into JSON Schema, ``shapes`` makes values of them. A class is one
object, its docstring and the lines under its fields are what the schema says to people.
The class syntax of ``typing_extensions`` is what pydantic reads on every Python; nothing
but ``schemas`` imports these modules at run time.
"""

from arkes_build.ui.documents.building import MachineBuildDocument
from arkes_build.ui.documents.changes import DiffDocument
from arkes_build.ui.documents.disks import (
    DiskDocument,
    DiskPartition,
)
from arkes_build.ui.documents.events import (
    EventLine,
    NodeReport,
    ReportDocument,
)
from arkes_build.ui.documents.findings import (
    CheckDocument,
    Diagnostic,
    Edit,
    ErrorDocument,
    ErrorFields,
    Fix,
    FmtDocument,
    FormattedFile,
    Rule,
    RulesDocument,
)
from arkes_build.ui.documents.kept import (
    Freed,
    KeptRelease,
    OtherFreed,
    PinsDocument,
    PruneDocument,
)
from arkes_build.ui.documents.locked import (
    LockDocument,
)
from arkes_build.ui.documents.machine import (
    MachineChangeDocument,
    MachineChecksDocument,
    MachineFileDocument,
    MachineKargsDocument,
    MachineLogDocument,
    MachineStatusDocument,
)
from arkes_build.ui.documents.metrics import MetricsDocument
from arkes_build.ui.documents.nodes import (
    Estimate,
    GraphDocument,
    Identity,
    KnownRef,
    LeftOut,
    ModelDocument,
    ModelFile,
    ModelNode,
    PlanDocument,
    Reason,
    RefsDocument,
    RenderedDocument,
)
from arkes_build.ui.documents.publishing import (
    HeldBack,
    PublishedDocument,
    PublishedDownload,
    PublishedRef,
)
from arkes_build.ui.documents.rebuilt import (
    RebuiltDifference,
    RebuiltDocument,
    RebuiltNode,
    RebuiltPackage,
)
from arkes_build.ui.documents.sizes import (
    BudgetUse,
    Forecasted,
    ForecastedName,
    LogDocument,
    LoggedRelease,
    SizeDocument,
    SpentShare,
)
from arkes_build.ui.documents.soundness import (
    FsckDocument,
)
from arkes_build.ui.documents.syntax import (
    ParseDocument,
)
from arkes_build.ui.documents.tested import (
    TestedCheck,
    TestedDocument,
    TestedNode,
    TestedVerdict,
)
from arkes_build.ui.documents.trust import (
    KeysDocument,
    PullDocument,
    PulledRef,
    Signature,
    SigningKey,
    VerifyDocument,
)
from arkes_build.ui.documents.updates import (
    CheckUpdatesDocument,
    ClearedDocument,
    DeploymentUse,
    EtcDiffDocument,
    EtcDrift,
    EtcEffect,
    OfferedRelease,
    RemovedDeployment,
    UpdateCost,
    UpgradeDocument,
    UpgradeResult,
    UsageDocument,
)
from arkes_build.ui.documents.words import (
    Where,
)

__all__ = [
    "BudgetUse",
    "CheckDocument",
    "CheckUpdatesDocument",
    "ClearedDocument",
    "DeploymentUse",
    "Diagnostic",
    "DiffDocument",
    "DiskDocument",
    "DiskPartition",
    "Edit",
    "ErrorDocument",
    "ErrorFields",
    "Estimate",
    "EtcDiffDocument",
    "EtcDrift",
    "EtcEffect",
    "EventLine",
    "Fix",
    "FmtDocument",
    "Forecasted",
    "ForecastedName",
    "FormattedFile",
    "Freed",
    "FsckDocument",
    "GraphDocument",
    "HeldBack",
    "Identity",
    "KeptRelease",
    "KeysDocument",
    "KnownRef",
    "LeftOut",
    "LockDocument",
    "LogDocument",
    "LoggedRelease",
    "MachineBuildDocument",
    "MachineChangeDocument",
    "MachineChecksDocument",
    "MachineFileDocument",
    "MachineKargsDocument",
    "MachineLogDocument",
    "MachineStatusDocument",
    "MetricsDocument",
    "ModelDocument",
    "ModelFile",
    "ModelNode",
    "NodeReport",
    "OfferedRelease",
    "OtherFreed",
    "ParseDocument",
    "PinsDocument",
    "PlanDocument",
    "PruneDocument",
    "PublishedDocument",
    "PublishedDownload",
    "PublishedRef",
    "PullDocument",
    "PulledRef",
    "Reason",
    "RebuiltDifference",
    "RebuiltDocument",
    "RebuiltNode",
    "RebuiltPackage",
    "RefsDocument",
    "RemovedDeployment",
    "RenderedDocument",
    "ReportDocument",
    "Rule",
    "RulesDocument",
    "Signature",
    "SigningKey",
    "SizeDocument",
    "SpentShare",
    "TestedCheck",
    "TestedDocument",
    "TestedNode",
    "TestedVerdict",
    "UpdateCost",
    "UpgradeDocument",
    "UpgradeResult",
    "UsageDocument",
    "VerifyDocument",
    "Where",
]
