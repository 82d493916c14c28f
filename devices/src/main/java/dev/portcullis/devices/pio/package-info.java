/// Devices without DMA: software moves each word through a register. They are what a monitor plays
/// when it emulates a disk or a network card of old.
package dev.portcullis.devices.pio;
