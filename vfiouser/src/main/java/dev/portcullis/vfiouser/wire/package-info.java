/// The messages, byte by byte: one record each, decoding and encoding side by side. A decoder
/// checks lengths and what a value may be by itself; what it may be *here* is the server's affair.
package dev.portcullis.vfiouser.wire;
