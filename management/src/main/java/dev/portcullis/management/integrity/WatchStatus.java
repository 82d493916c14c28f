package dev.portcullis.management.integrity;

/// How it goes with a partition.
///
/// @param pages looked at in each rotation
/// @param rotations how often all of them have been looked at
/// @param changes how many pages were found changed
public record WatchStatus(String partition, long pages, long rotations, long changes) {}
