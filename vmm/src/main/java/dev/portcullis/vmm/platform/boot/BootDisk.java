package dev.portcullis.vmm.platform.boot;

import dev.portcullis.devices.block.BlockBackend;
import dev.portcullis.pci.RequesterId;

/// A disk of a partition.
///
/// @param name what the platform file calls the device
/// @param at its place
/// @param blocks what the device itself reads and writes, whatever has become of the file's name
///   meanwhile. Threads that use it must not be interrupted: that closes it
public record BootDisk(String name, RequesterId at, BlockBackend blocks) {}
