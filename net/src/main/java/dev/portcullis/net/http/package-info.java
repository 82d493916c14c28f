/// HTTP/1.1 (RFC 9112), as much as a page, a download and an upload need, over the TCP of a host.
/// What is written otherwise than the RFC says is refused, not guessed at.
package dev.portcullis.net.http;
