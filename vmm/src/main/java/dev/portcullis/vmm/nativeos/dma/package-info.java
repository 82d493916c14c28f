/// Buffers that drivers let their devices reach: who was allowed what and when, and what a refused
/// access has to do with it.
package dev.portcullis.vmm.nativeos.dma;
