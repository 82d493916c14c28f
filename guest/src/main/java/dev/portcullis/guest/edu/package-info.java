/// QEMU's teaching device, whose DMA engine does whatever it is told.
package dev.portcullis.guest.edu;
