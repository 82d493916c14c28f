/// Regions of memory that no DMA reaches.
package dev.portcullis.unit.protect;
