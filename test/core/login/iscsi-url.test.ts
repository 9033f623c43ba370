import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../core/errors/index.ts';
import { formatIscsiUrl, parseHostPort, parseIscsiUrl } from '../../../core/login/index.ts';

describe('an iscsi:// link', () => {
  it.each([
    ['iscsi://host', { host: 'host', port: 3260 }],
    ['iscsi://host/', { host: 'host', port: 3260 }],
    [
      'ISCSI://10.0.0.1:3261/iqn.2026-01.org.example:a.b/0',
      { host: '10.0.0.1', port: 3261, target: 'iqn.2026-01.org.example:a.b', lun: 0 },
    ],
    ['iscsi://[fe80::1%eth0]:3260/iqn.x/12', { host: 'fe80::1%eth0', port: 3260, target: 'iqn.x', lun: 12 }],
    ['iscsi://[::1]/iqn.x', { host: '::1', port: 3260, target: 'iqn.x' }],
    [
      'iscsi://alice%s3cret%25@host/iqn.x/1',
      { host: 'host', port: 3260, user: 'alice', secret: 's3cret%25', target: 'iqn.x', lun: 1 },
    ],
    [
      'iscsi://alice:s3cret@host/iqn.x/1',
      { host: 'host', port: 3260, user: 'alice', secret: 's3cret', target: 'iqn.x', lun: 1 },
    ],
    ['iscsi://alice@host/iqn.x/1', { host: 'host', port: 3260, user: 'alice', target: 'iqn.x', lun: 1 }],
    [
      'iscsi://a%b@h/iqn.x/1?target_user=t&target_password=p%20q&header_digest=crc32c&unknown=1',
      {
        host: 'h',
        port: 3260,
        user: 'a',
        secret: 'b',
        target: 'iqn.x',
        lun: 1,
        targetUser: 't',
        targetSecret: 'p q',
        headerDigest: 'crc32c',
        unknown: ['unknown'],
      },
    ],
  ])('%s is taken apart', (text, parts) => {
    expect(parseIscsiUrl(text)).toEqual(parts);
  });

  it.each([
    ['iser://host/iqn.x/1', /RDMA/u],
    ['http://host', /not an iscsi/u],
    ['iscsi://', /host is missing/u],
    ['iscsi://host:0/iqn.x/1', /not a port/u],
    ['iscsi://host:65536/iqn.x/1', /not a port/u],
    ['iscsi://host:32a/iqn.x/1', /not a port/u],
    ['iscsi://host/iqn.x/-1', /not a LUN/u],
    ['iscsi://host/iqn.x/1e3', /not a LUN/u],
    ['iscsi://host/iqn.x/01', /not a LUN/u],
    ['iscsi://host/iqn.x/9999999999999', /not a LUN/u],
    ['iscsi://host/iqn.x/1/2', /not an iscsi/u],
    ['iscsi://@host/iqn.x', /no user/u],
    ['iscsi://ho st/iqn.x', /not a host/u],
    ['iscsi://[zz]/iqn.x', /not an IPv6/u],
    ['iscsi://host/iqn%zz/1', /broken %/u],
    ['iscsi://host/iqn.x/1?header_digest=md5', /crc32c or none/u],
    ['iscsi://a:b:c@1:2:3:g/iqn.x', /not a host with a port/u],
  ])('%s is refused in words', (text, message) => {
    expect(() => parseIscsiUrl(text)).toThrow(UsageError);
    expect(() => parseIscsiUrl(text)).toThrow(message);
  });

  it('is written without secrets', () => {
    const url = parseIscsiUrl('iscsi://alice%s3cret@[::1]:3261/iqn.2026-01.org.example:a/5?target_password=x');
    expect(formatIscsiUrl(url)).toBe('iscsi://alice@[::1]:3261/iqn.2026-01.org.example:a/5');
    expect(formatIscsiUrl({ host: 'h', port: 1 })).toBe('iscsi://h:1/');
  });
});

it('a bare IPv6 address needs no brackets', () => {
  expect(parseHostPort('::1')).toEqual({ host: '::1', port: 3260 });
  expect(parseHostPort('host:1')).toEqual({ host: 'host', port: 1 });
});
