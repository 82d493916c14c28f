package dev.portcullis.management.inventory;

/// Something that a partition booted from last, or was to, as it was measured.
///
/// @param what such as `kernel`, or `disk system`
/// @param digest SHA-256 of a file, the root of a disk's tree; hexadecimal
/// @param manifest `same`, `different`, or `silent` if no manifest says what it should be
/// @param manifestVersion empty without a manifest
/// @param verdict whether the partition began: `admitted`, `refused`, `unchecked`
/// @param time when it was measured
public record ImageItem(
    String partition,
    String what,
    String digest,
    String manifest,
    String manifestVersion,
    String verdict,
    String time) {}
