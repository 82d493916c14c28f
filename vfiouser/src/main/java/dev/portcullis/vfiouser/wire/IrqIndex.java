package dev.portcullis.vfiouser.wire;

import dev.portcullis.linux.Errno;

/// The types of interrupt of a PCI function; the ordinal is the index on the wire.
///
/// @vfiouser 0 Interrupts
public enum IrqIndex {
  INTX,
  MSI,
  MSIX,
  /// An uncorrectable error of the device.
  ERR,
  /// The device wants to be given back.
  REQ;

  private static final IrqIndex[] ALL = values();

  /// @throws ProtocolException EINVAL if there is no such type
  public static IrqIndex of(long index) throws ProtocolException {
    if (index >= ALL.length) {
      throw ProtocolException.refused(Errno.EINVAL, "no interrupt type " + index);
    }
    return ALL[(int) index];
  }

  public static int count() {
    return ALL.length;
  }
}
