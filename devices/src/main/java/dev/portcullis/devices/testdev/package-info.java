/// QEMU's test device for remapping units: one DMA at a time, and whether it ended where software
/// says it should. Start with [IommuTestDevice].
package dev.portcullis.devices.testdev;
