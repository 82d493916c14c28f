package dev.portcullis.differential;

/// Something that was looked at.
///
/// @param step what had been done before
/// @param situation of the newest DMA
/// @param name what was looked at: a register, a result
/// @param value what was seen
record Observation(String step, Situation situation, String name, long value) {}
