/// Drivers for devices without DMA: the processor moves each word through a register.
package dev.portcullis.guest.pio;
