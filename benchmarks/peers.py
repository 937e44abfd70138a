"""What packages for the same purpose take, beside ours: ``python -m benchmarks.peers``. Figures, and no goals.

They are installed into an environment of their own, which is deleted again, so that nothing of theirs is a dependency.
Each side compares itself with the same reference in its own process (PyJWT's decode with the key in hand, one call of
boto3's with a client in hand), so the ratios can be laid beside each other.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from benchmarks.__main__ import measure, stub_cognito
from benchmarks.environment import environment
from benchmarks.report import HEADING

PEERS = ("django-cognito-jwt==0.0.4", "pycognito==2024.5.1")
# In the versions of this project, so that only the packages differ.
BESIDE = ("boto3", "cryptography", "django", "djangorestframework", "pyjwt", "requests")
# Django has to be set up before the peers can be imported.
START = "import django; django.setup(); from benchmarks import peers_worker; peers_worker.main()"
SETTINGS = "benchmarks.peers_settings"
LOCKED = Path(__file__).resolve().parents[1] / "requirements-dev.txt"


def pinned() -> list[str]:
    """Return what is installed: the peers, and what they stand on as this project has it locked."""
    locked = [line.split()[0] for line in LOCKED.read_text().splitlines() if "==" in line and not line.startswith(" ")]
    return [*PEERS, *(each for each in locked if each.partition("==")[0] in BESIDE)]


def install(directory: Path) -> Path:
    """Make the environment in ``directory``; return its Python."""
    venv.create(directory, with_pip=True)
    python = directory / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--quiet", *pinned()], check=True)
    return python


def main() -> int:
    """Measure the peers and ourselves, and return the exit status."""
    print(HEADING)
    with tempfile.TemporaryDirectory() as directory, stub_cognito() as ports:
        variables = environment(
            cognito_port=ports["cognito"],
            control_port=ports["control"],
            database_url=f"sqlite:///{Path(directory) / 'peers'}.sqlite3",
        )
        command = [str(install(Path(directory) / "venv")), "-c", START]
        theirs = subprocess.run(command, env={**variables, "DJANGO_SETTINGS_MODULE": SETTINGS}, check=False)
        ours = measure("beside_peers", variables)
    return 0 if ours and theirs.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
