package dev.portcullis.net.http;

/// What a server has answered.
///
/// @param bodyBytes how long its body was
public record HttpReply(int status, Headers headers, long bodyBytes) {}
