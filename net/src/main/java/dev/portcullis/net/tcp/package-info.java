/// The state machine of a TCP connection (RFC 9293), apart from what carries its segments: segments
/// and the time go in, segments come out, and bytes are read and written beside it.
package dev.portcullis.net.tcp;
