// A certificate for loopback that nobody has signed but itself.

import { execFileSync } from 'node:child_process';
import { X509Certificate, createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export class SelfSignedCertificate {
  #folder;

  static make() {
    return new SelfSignedCertificate(fs.mkdtempSync(path.join(os.tmpdir(), 'adam-certificate-')));
  }

  constructor(folder) {
    this.#folder = folder;
    execFileSync('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', this.keyFile, '-out', this.file,
    ], { stdio: 'pipe' });
  }

  get file() {
    return path.join(this.#folder, 'certificate.pem');
  }

  get keyFile() {
    return path.join(this.#folder, 'key.pem');
  }

  // By what browsers know its key.
  get keyHash() {
    const { publicKey } = new X509Certificate(fs.readFileSync(this.file));
    return createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64');
  }

  remove() {
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}
