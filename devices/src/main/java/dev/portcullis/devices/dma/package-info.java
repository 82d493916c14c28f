/// A DMA engine that copies and fills over shared virtual addresses: each channel in an address
/// space of its own, with translations cached and missing pages asked for. Start with [DmaEngine].
package dev.portcullis.devices.dma;
