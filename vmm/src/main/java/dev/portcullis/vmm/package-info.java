/// The monitor itself: what creates partitions and takes them down. Start with [Lvmm].
package dev.portcullis.vmm;
