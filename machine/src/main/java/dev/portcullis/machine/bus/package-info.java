/// What lies between a processor and the rest of a machine that has none: memory, windows of
/// registers, ports, PCI configuration, interrupt inputs, in the places of QEMU's q35. Start with
/// [PhysicalBus].
package dev.portcullis.machine.bus;
