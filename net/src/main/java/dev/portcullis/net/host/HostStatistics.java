package dev.portcullis.net.host;

/// What a host has done since it was attached.
///
/// @param framesIn frames taken from the wire
/// @param framesOut frames sent
/// @param dropped frames taken that were not for the host, malformed, damaged or of no use to it
/// @param overflowed frames not even taken: too many waited, or they were too long
/// @param resent TCP segments with data sent again, for want of an answer
public record HostStatistics(
    long framesIn, long framesOut, long dropped, long overflowed, long resent) {}
