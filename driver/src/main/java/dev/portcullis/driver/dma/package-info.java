/// Buffers for devices: an address is found, the buffer mapped, and both given back.
package dev.portcullis.driver.dma;
