package dev.portcullis.vmm.assign;

import dev.portcullis.driver.device.Device;
import dev.portcullis.driver.interrupt.InterruptBlock;
import dev.portcullis.vmm.partition.Partition;
import java.util.Optional;

/// That a function belongs to a partition.
///
/// @param device the function, as the unit's driver knows it
/// @param interrupts its entries in the interrupt table, all refusing as long as nobody sets them;
///   empty if interrupts are not remapped, or it has none
public record Assignment(
    HostFunction function,
    Partition partition,
    Device device,
    Optional<InterruptBlock> interrupts) {}
