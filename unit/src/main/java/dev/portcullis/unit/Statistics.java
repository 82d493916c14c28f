package dev.portcullis.unit;

/// What a unit has done since it was made.
///
/// @param requests requests that entered
public record Statistics(long requests) {}
