/// Partitions that are QEMU processes: their memory is the partition's window of the machine's,
/// their functions are the machine's, over vfio-user.
package dev.portcullis.vmm.engine.qemu;
