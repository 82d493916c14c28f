package dev.portcullis.management.posture;

/// A report on its way from the broker to whoever decides by it.
///
/// @param json a [PostureReport]
/// @param signature of these very bytes, Ed25519
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record SignedReport(byte[] json, byte[] signature) {}
