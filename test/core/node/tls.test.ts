import { describe, expect, it } from 'vitest';
import { tlsError, tlsTimeout } from '../../../core/node/tls-errors.ts';
import { tlsSettings } from '../../../core/node/tls.ts';
import { transportError } from '../../../core/node/socket-errors.ts';
import { tlsFixture } from '../../support/tls-terminator.ts';

const coded = (code: string, rest: object = {}): Error =>
  Object.assign(new Error('as OpenSSL has it'), { code, ...rest });

describe('TLS options', () => {
  const cert = tlsFixture('client.pem');
  const key = tlsFixture('client.key');

  it('are taken with certificates that fit, and verify unless told otherwise', () => {
    expect(tlsSettings({})).toMatchObject({ verify: true, servername: undefined });
    expect(tlsSettings({ ca: tlsFixture('ca.pem'), cert, key, servername: 'a.test' }).servername).toBe('a.test');
    expect(tlsSettings({ rejectUnauthorized: false }).verify).toBe(false);
  });

  it.each([
    [{ cert }, /go together/u],
    [{ key }, /go together/u],
    [{ ca: 'nothing' }, /authority \(ca\) holds no certificate/u],
    [{ ca: '' }, /authority \(ca\) holds no certificate/u],
    [{ ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' }, /cannot be read as a certificate/u],
    [{ cert: key, key }, /The TLS certificate holds no certificate/u],
    [{ cert, key: cert }, /key cannot be read/u],
    [{ cert, key: tlsFixture('server.key') }, /not the one of the TLS certificate/u],
    [{ servername: ' ' }, /server name is empty/u],
  ])('%# is refused before anything is sent', (options, sentence) => {
    expect(() => tlsSettings(options)).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT', message: expect.stringMatching(sentence) as string }),
    );
  });
});

describe('a failed handshake', () => {
  it.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /signed by itself/u, /\(ca\)/u],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /authority that is not known/u, /\(ca\)/u],
    ['CERT_HAS_EXPIRED', /has expired/u, /clock/u],
    ['CERT_NOT_YET_VALID', /not valid yet/u, /clocks/u],
    ['CERT_REVOKED', /revoked/u, /replaced/u],
    ['ECONNRESET', /does not answer in TLS/u, /stunnel/u],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /does not answer in TLS/u, /without TLS/u],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', /alert certificate required/u, /cert and key/u],
    ['ERR_SSL_NO_SHARED_CIPHER', /no shared cipher/u, /in common/u],
  ])('%s says what it means and what to do', (code, sentence, hint) => {
    const error = tlsError(coded(code), 'san:3260');
    expect(error).toMatchObject({ code: 'TLS_FAILED', details: { where: 'san:3260', tlsCode: code } });
    expect(error?.message).toMatch(sentence);
    expect(error?.hint).toMatch(hint);
    expect(error?.cause).toBeInstanceOf(Error);
  });

  it('names whom a certificate is made out to, whatever the peer put there', () => {
    const error = tlsError(coded('ERR_TLS_CERT_ALTNAME_INVALID', { cert: { subjectaltname: 'DNS:other' } }), 'a:1');
    expect(error).toMatchObject({
      message: 'The certificate of a:1 is made out to DNS:other.',
      details: { names: 'DNS:other' },
    });
    expect(tlsError(coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'a:1')?.message).toMatch(/another name/u);
  });

  it('is told from failures of the network below it', () => {
    expect(tlsError(coded('EHOSTUNREACH'), 'a:1')).toBeUndefined();
    expect(tlsError('no error at all', 'a:1')).toBeUndefined();
    expect(transportError(coded('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'), 'a:1')).toMatchObject({ code: 'TLS_FAILED' });
    expect(tlsTimeout('a:1', 50)).toMatchObject({ code: 'TLS_FAILED', retryable: true });
  });
});
