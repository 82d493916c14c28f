/// The software of partitions that run Linux: the stock kernel and its drivers, steered by shell
/// commands.
package dev.portcullis.vmm.software.linux;
