// Where things lie in the repository, found from this file and not from the working directory.

import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');

export const PROTO = path.join(ROOT, 'proto');
export const DIGITS = path.join(ROOT, 'samples/DigitsTraining/data/digits.csv.gz');
export const DEFAULT_SERVICE_DLL = path.join(ROOT, 'src/AdamService/bin/Release/net10.0/AdamService.dll');
