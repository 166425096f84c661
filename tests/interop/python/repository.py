"""Where things lie in the repository, found from this file and not from the working directory."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROTO = ROOT / "proto"
DIGITS = ROOT / "samples" / "DigitsTraining" / "data" / "digits.csv.gz"
DEFAULT_SERVICE_DLL = ROOT / "src" / "AdamService" / "bin" / "Release" / "net10.0" / "AdamService.dll"
GOLDEN = ROOT / "tests" / "Golden" / "vectors"
CLIENTS = ROOT / "clients" / "python"
