package dev.portcullis.pci;

/// What the address of a memory request is: its AT field. The ordinal is what the field holds.
///
/// @pcie 10.2.1 Memory Requests with Address Type
public enum AddressType {
  /// An address that a remapping unit translates.
  UNTRANSLATED,
  /// An address whose translation is asked for.
  TRANSLATION_REQUEST,
  /// An address that came out of an earlier translation.
  TRANSLATED,
  RESERVED
}
