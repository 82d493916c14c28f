package dev.portcullis.devices.nvme;

/// What a controller says it is.
///
/// @param serial serial number
/// @param model what it is called
/// @param firmware revision
/// @nvme 5.15.2.2 Identify Controller data structure (CNS 01h)
public record NvmeIdentity(String serial, String model, String firmware) {}
