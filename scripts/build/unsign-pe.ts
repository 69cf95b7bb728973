/** Takes the Authenticode signature off a Windows executable: after a change it would be a broken one, which is worse than none. */

const PE_OFFSET_AT = 0x3c;
const PE32_PLUS = 0x20b;
/** Of the optional header of PE32+: the checksum, and the data directory's entry for certificates (PE/COFF, 3.4.3). */
const CHECKSUM_AT = 64;
const CERTIFICATES_AT = 112 + 4 * 8;

/** The file without its certificates; the same when it has none. Throws for anything but PE32+ with the certificates at its end. */
export function removeAuthenticode(file: Buffer): Buffer {
  const pe = file.length < PE_OFFSET_AT + 4 ? file.length : file.readUInt32LE(PE_OFFSET_AT);
  const optional = pe + 24;
  const isWhole = optional + CERTIFICATES_AT + 8 <= file.length;
  if (!isWhole || file.toString('latin1', pe, pe + 4) !== 'PE\0\0' || file.readUInt16LE(optional) !== PE32_PLUS) {
    throw new Error('not a 64-bit Windows executable');
  }
  const offset = file.readUInt32LE(optional + CERTIFICATES_AT);
  const size = file.readUInt32LE(optional + CERTIFICATES_AT + 4);
  if (size === 0) return file;
  if (offset + size !== file.length) throw new Error('the certificates are not at the end of the file');
  const bare = Buffer.from(file.subarray(0, offset));
  bare.writeUInt32LE(0, optional + CHECKSUM_AT);
  bare.writeUInt32LE(0, optional + CERTIFICATES_AT);
  bare.writeUInt32LE(0, optional + CERTIFICATES_AT + 4);
  return bare;
}
